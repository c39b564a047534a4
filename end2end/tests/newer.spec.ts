// Newer images: what the registry has under a container's name, marked in the list and brought from there.
import { docker } from "../rig/docker.ts";
import { Registry } from "../rig/registry.ts";
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("who wants to know is told which images the registry has newer, and brings them", async ({ signedIn: page, containers, w }) => {
            const registry = await Registry.start();
            try {
                const image = await registry.push(`web-${language.toLowerCase()}`, "first");
                await containers.run("old", { image });
                await containers.run("built");
                await registry.push(`web-${language.toLowerCase()}`, "second");
                await open(page, `/containers?q=${containers.prefix}`);
                const [old, built] = ["old", "built"].map((name) => page.locator("tr.row").filter({ hasText: containers.name(name) }));
                const mark = page.getByRole("img", { name: w("containers.newer_image"), exact: true });
                await expect(built!).toBeVisible();
                await expect(mark).toHaveCount(0);
                await page.getByRole("checkbox", { name: w("common.select_all"), exact: true }).click();
                await page.getByRole("button", { name: w("containers.check_images"), exact: true }).click();
                await expect(page.getByText(w("containers.images_newer", { newer: 1, total: 2 }))).toBeVisible();
                await expect(old!.getByRole("img", { name: w("containers.newer_image"), exact: true })).toBeVisible();
                await expect(mark).toHaveCount(1);

                await built!.getByRole("checkbox").click();
                await page.getByRole("button", { name: w("create.pull_recreate"), exact: true }).click();
                // Between the old one and the new one there is none of that name.
                const content = () => docker("inspect", "-f", '{{index .Config.Labels "content"}}', containers.name("old")).catch(() => "none");
                await expect.poll(content).toBe("second");
                await expect(mark).toHaveCount(0);
            } finally {
                await containers.removeAll();
                await registry.stop();
            }
        });
    });
}
