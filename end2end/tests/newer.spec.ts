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

                await page.getByRole("button", { name: w("create.pull_recreate"), exact: true }).click();
                // Between the old one and the new one there is none of that name.
                const content = () => docker("inspect", "-f", '{{index .Config.Labels "content"}}', containers.name("old")).catch(() => "none");
                await expect.poll(content).toBe("second");
                await expect(mark).toHaveCount(0);
                // No registry has what was built here.
                await expect(page.getByText(w("containers.bulk_failed", { failed: 1, total: 2 }))).toBeVisible();

                const renewOne = async (name: string) => {
                    await page.getByRole("button", { name: w("common.of_what", { what: w("common.more"), name: containers.name(name) }) }).click();
                    await page.getByRole("menuitem", { name: w("create.pull_recreate"), exact: true }).click();
                };
                await renewOne("old");
                await expect(page.getByText(w("containers.done_one", { name: containers.name("old"), what: w("containers.on_newest") }))).toBeVisible();
                await renewOne("built");
                const told = page.locator(".toast").filter({ hasText: `${containers.name("built")}` }).filter({ has: page.getByRole("link", { name: w("operations.follow") }) });
                await expect(told).toBeVisible();
            } finally {
                await containers.removeAll();
                await registry.stop();
            }
        });

        test("a compose project as one: shown as a file, brought to its newest images in order, removed", async ({ signedIn: page, containers, w }) => {
            const registry = await Registry.start();
            try {
                const project = containers.name("shop");
                const service = async (name: string, needs: string) => {
                    const image = await registry.push(`${name}-${language.toLowerCase()}`, "first");
                    const of = "com.docker.compose";
                    await containers.run(name, {
                        image,
                        labels: { [`${of}.project`]: project, [`${of}.service`]: name, [`${of}.depends_on`]: needs },
                    });
                    await registry.push(`${name}-${language.toLowerCase()}`, "second");
                };
                // What the others need is made last: by age it would come last, too.
                await service("api", "db:service_started:false");
                await service("db", "");
                await open(page, `/containers?q=${containers.prefix}`);
                const rows = page.locator("tr.row").filter({ hasText: containers.prefix });
                await expect(rows).toHaveCount(2);
                const more = page.getByRole("button", { name: w("common.of_what", { what: w("common.more"), name: project }) });
                const choose = async (word: string) => {
                    await more.click();
                    await page.getByRole("menuitem", { name: w(word), exact: true }).click();
                };

                await choose("containers.start");
                await expect(page.getByText(w("containers.done_one", { name: project, what: w("containers.because_running") }))).toBeVisible();

                await choose("create.compose");
                const dialog = page.getByRole("dialog", { name: project });
                await expect(dialog).toContainText(/services:\s+(api|db):/);
                for (const name of ["api", "db"]) await expect(dialog).toContainText(`container_name: ${containers.name(name)}`);
                await page.keyboard.press("Escape");

                await choose("containers.check_images");
                await expect(page.getByText(w("containers.images_newer", { newer: 2, total: 2 }))).toBeVisible();
                const mark = page.getByRole("img", { name: w("containers.newer_image"), exact: true });
                await expect(mark).toHaveCount(2);

                await choose("create.pull_recreate");
                const title = w("containers.ask_many", { verb: w("create.pull_recreate"), n: 2 });
                const asked = page.getByRole("dialog", { name: title });
                await expect(asked.getByRole("listitem")).toHaveCount(2);
                await asked.getByRole("button", { name: w("create.pull_recreate"), exact: true }).click();
                const told = (name: string, format: string) => docker("inspect", "-f", format, containers.name(name)).catch(() => "none");
                for (const name of ["api", "db"]) {
                    await expect.poll(() => told(name, '{{index .Config.Labels "content"}} {{.State.Running}}'), { timeout: 30_000 }).toBe("second true");
                }
                await expect(mark).toHaveCount(0);
                await expect(page.getByText(w("containers.bulk_done", { done: 2, total: 2, what: w("containers.on_newest") }))).toBeVisible();
                expect(Date.parse(await told("db", "{{.Created}}"))).toBeLessThan(Date.parse(await told("api", "{{.Created}}")));

                await choose("containers.remove_ask");
                await page.getByRole("dialog").getByRole("button", { name: w("containers.remove"), exact: true }).click();
                await expect(rows).toHaveCount(0);
                expect(await told("db", "{{.Id}}")).toBe("none");
            } finally {
                await containers.removeAll();
                await registry.stop();
            }
        });
    });
}
