// The command palette: everything by a few letters and the keyboard alone.
import { docker } from "../rig/docker.ts";
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("finds containers, does what can be done with them, and leads to pages", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("palette");
            await open(page, "/");
            await page.keyboard.press("Control+k");
            const field = page.getByRole("combobox", { name: w("palette.label") });
            await expect(field).toBeFocused();
            await field.fill(containers.name("palette"));
            const options = page.getByRole("listbox").getByRole("option");
            await expect(options.first()).toContainText(containers.name("palette"));
            await page.keyboard.press("Enter");
            await expect(page).toHaveURL(new RegExp(`/containers/${id}$`));

            const before = await docker("inspect", "-f", "{{.State.StartedAt}}", id);
            await page.keyboard.press("Control+k");
            await field.fill(containers.name("palette"));
            const restart = options.filter({ hasText: w("palette.act", { verb: w("containers.restart"), name: containers.name("palette") }) });
            await expect(restart).toBeVisible();
            while ((await restart.getAttribute("aria-selected")) !== "true") await page.keyboard.press("ArrowDown");
            await page.keyboard.press("Enter");
            await expect(page.getByText(containers.name("palette")).and(page.locator(".toasts *")).first()).toBeVisible();
            expect(await docker("inspect", "-f", "{{.State.StartedAt}}", id)).not.toBe(before);

            await page.keyboard.press("Control+k");
            await field.fill(w("nav.hosts"));
            await expect(options.first()).toContainText(w("nav.hosts"));
            await page.keyboard.press("Enter");
            await expect(page).toHaveURL(/\/hosts$/);
            await page.keyboard.press("Control+k");
            await page.keyboard.press("Escape");
            await expect(field).toBeHidden();
        });
    });
}
