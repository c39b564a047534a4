// A container is made, changed and made anew in the browser, on the real engine; what the engine has is checked by its own command line.
import { docker, IMAGE } from "../rig/docker.ts";
import { expect, open, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("a container is made by the form, changed in place and made anew", async ({ signedIn: page, containers, w, complaints }) => {
            test.slow();
            // What is typed is looked at while it is not whole yet.
            complaints.allow(/status of (409|422|403)/);
            const name = containers.name("made");
            containers.adopt("made");
            await open(page, "/containers");
            await page.getByRole("button", { name: w("create.open"), exact: true }).click();
            const panel = page.getByRole("dialog", { name: w("create.title") });
            await panel.getByLabel(w("containers.image"), { exact: true }).fill(IMAGE);
            await panel.getByLabel(new RegExp(`^${w("containers.name")}`)).fill(name);

            await panel.getByText(w("create.command_env")).click();
            await panel.getByLabel(new RegExp(`^${w("create.command")}`)).fill("sh -c 'trap \"exit 0\" TERM; while :; do sleep 1; done'");
            await panel.getByRole("button", { name: w("create.add_variable") }).click();
            await panel.getByLabel(w("create.variable"), { exact: true }).fill("GREETING");
            await panel.getByLabel(w("create.value"), { exact: true }).fill("hello world");
            await panel.getByText(w("create.limits"), { exact: true }).click();
            await panel.getByLabel(new RegExp(`^${w("create.memory")}`)).fill("lots");
            await expect(panel.getByText(w("create.wrong_size"))).toBeVisible();
            await panel.getByLabel(new RegExp(`^${w("create.memory")}`)).fill("64 MiB");
            await expect(panel.getByText(w("create.wrong_size"))).toBeHidden();

            await panel.getByRole("button", { name: w("create.as_compose") }).click();
            const compose = page.getByRole("dialog", { name: w("create.as_compose") });
            await expect(compose).toContainText(`image: ${IMAGE}`);
            await page.keyboard.press("Escape");
            await panel.getByRole("button", { name: w("create.and_start"), exact: true }).click();
            await expect(panel).toBeHidden();
            const seen = await docker("inspect", "-f", "{{.State.Running}} {{.HostConfig.Memory}} {{.Config.Env}}", name);
            expect(seen).toContain("true 67108864");
            expect(seen).toContain("GREETING=hello world");

            // In place.
            const first = await docker("inspect", "-f", "{{.Id}}", name);
            await open(page, `/containers/${first}`);
            const choose = async (key: string) => {
                await page.getByRole("main").getByRole("button", { name: w("common.more"), exact: true }).first().click();
                await page.getByRole("menuitem", { name: w(key), exact: true }).click();
            };
            await choose("create.edit_limits");
            const limits = page.getByRole("dialog", { name: w("create.limits_title", { name }) });
            const memory = limits.getByLabel(new RegExp(`^${w("create.memory")}`));
            await expect(memory).toHaveValue("64 MiB");
            await memory.fill("96 MiB");
            await limits.getByRole("button", { name: w("create.save"), exact: true }).click();
            await expect(limits).toBeHidden();
            expect(await docker("inspect", "-f", "{{.HostConfig.Memory}}", name)).toBe(String(96 * 1024 * 1024));

            // By a new one in its place.
            await choose("create.change");
            const change = page.getByRole("dialog", { name: w("create.change_title", { name }) });
            await expect(change.getByLabel(w("containers.image"), { exact: true })).toHaveValue(IMAGE);
            await change.getByText(w("create.more"), { exact: true }).click();
            await change.getByRole("button", { name: w("create.add_label") }).click();
            await change.getByLabel(w("create.label"), { exact: true }).last().fill("team");
            await change.getByLabel(w("create.value"), { exact: true }).last().fill("shop");
            await change.getByRole("button", { name: w("create.recreate"), exact: true }).click();
            await expect(change).toBeHidden();
            await page.getByRole("link", { name: w("operations.follow") }).click();
            await expect(page.getByRole("heading", { level: 1 })).toContainText(w("operations.of_recreate"));
            await expect(page.getByRole("main").getByText(w("operations.succeeded"), { exact: true }).first()).toBeVisible({ timeout: 30_000 });
            const again = await docker("inspect", "-f", "{{.Id}} {{.HostConfig.Memory}} {{index .Config.Labels \"team\"}} {{.State.Running}}", name);
            expect(again.split(" ")[0]).not.toBe(first);
            expect(again).toContain(`${96 * 1024 * 1024} shop true`);
            await open(page, "/operations");
            await expect(page.getByRole("row").filter({ hasText: name }).first()).toContainText(w("operations.of_recreate"));
        });

        test("a pasted line fills the form, and the policy speaks at the field", async ({ signedIn: page, w, complaints }) => {
            complaints.allow(/status of (409|422|403)/);
            await open(page, "/containers");
            await page.getByRole("button", { name: w("create.open"), exact: true }).click();
            const panel = page.getByRole("dialog", { name: w("create.title") });
            await panel.getByRole("button", { name: w("create.paste") }).click();
            const paste = page.getByRole("dialog", { name: w("create.paste") });
            await paste.getByRole("textbox").fill("docker run");
            await paste.getByRole("button", { name: w("create.take") }).click();
            await expect(paste.locator(".field-error")).toBeVisible();
            await paste.getByRole("textbox").fill(`docker run -d -p 18080:80 -v /var/run/docker.sock:/run/d.sock:ro --gpus all ${IMAGE} sleep 9`);
            await paste.getByRole("button", { name: w("create.take") }).click();
            await expect(paste).toBeHidden();
            await expect(panel.getByLabel(w("containers.image"), { exact: true })).toHaveValue(IMAGE);
            await expect(page.getByText("--gpus")).toBeVisible();
            await expect(panel.getByText("80 → 18080")).toBeVisible();
            // An administrator of the platform is not refused; nothing is made by closing.
            await page.keyboard.press("Escape");
            await expect(panel).toBeHidden();
        });
    });
}

test("another like it, and a compose file of what is there", async ({ signedIn: page, containers, w, complaints }) => {
    complaints.allow(/status of (409|422|403)/);
    const id = await containers.run("model", { args: ["-e", "TOKEN=canary", "--memory", "64m"] });
    await open(page, `/containers?q=${id}`);
    const row = page.getByRole("row").filter({ hasText: containers.prefix });
    await row.getByRole("button", { name: w("common.more") }).click();
    await page.getByRole("menuitem", { name: w("create.compose"), exact: true }).click();
    const compose = page.getByRole("dialog", { name: containers.name("model") });
    await expect(compose).toContainText("TOKEN: ${TOKEN}");
    await expect(compose).not.toContainText("canary");
    await page.keyboard.press("Escape");
    await row.getByRole("button", { name: w("common.more") }).click();
    await page.getByRole("menuitem", { name: w("create.like"), exact: true }).click();
    const panel = page.getByRole("dialog", { name: w("create.title") });
    await expect(panel.getByLabel(w("containers.image"), { exact: true })).toHaveValue(IMAGE);
    await panel.getByLabel(new RegExp(`^${w("containers.name")}`)).first().fill(containers.name("twin"));
    containers.adopt("twin");
    await panel.getByRole("button", { name: w("create.and_start"), exact: true }).click();
    await expect(panel).toBeHidden();
    await until("it is there", async () => (await docker("ps", "-a", "--format", "{{.Names}}")).includes(containers.name("twin")));
    expect(await docker("inspect", "-f", "{{.HostConfig.Memory}}", containers.name("twin"))).toBe(String(64 * 1024 * 1024));
});
