// The whole way of a first day, on a real engine, in both languages: set-up, sign-in, list, stop, start, restart, logs, remove, audit,
// sign-out. Each step is checked by the engine's own command line as well.
import type { Page } from "@playwright/test";

import { docker } from "../rig/docker.ts";
import { ADMIN } from "../rig/server.ts";
import { expect, hydrated, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("from the set-up link to the audit trail", async ({ start, page, w, containers }) => {
            test.slow();
            const id = await containers.run("web", {
                labels: { "com.docker.compose.project": containers.prefix, "com.docker.compose.service": "web" },
                command: ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo hello from here; while :; do sleep 3600 & wait $!; done"],
            });
            const name = containers.name("web");
            const engineSays = (format: string) => docker("inspect", "-f", format, name);
            const nav = (key: string) => page.getByRole("navigation", { name: w("nav.main") }).getByRole("link", { name: w(key) });
            const button = (key: string) => page.getByRole("main").getByRole("button", { name: w(key), exact: true });
            const server = await start();
            await test.step("set-up", async () => {
                await page.goto(await server.setupLink());
                await hydrated(page);
                await page.getByLabel(w("sign_in.username")).fill(ADMIN.username);
                await page.getByLabel(w("sign_in.password"), { exact: true }).fill(ADMIN.password);
                await page.getByLabel(w("setup.again")).fill(ADMIN.password);
                await page.getByRole("button", { name: w("setup.submit") }).click();
                await expect(nav("nav.containers")).toBeVisible();
                await hydrated(page);
            });
            await test.step("out and in again", async () => {
                await signOut(page, w("nav.account"), w("nav.sign_out"));
                await page.getByLabel(w("sign_in.username")).fill(ADMIN.username);
                await page.getByLabel(w("sign_in.password"), { exact: true }).fill(ADMIN.password);
                await page.keyboard.press("Enter");
                await expect(nav("nav.containers")).toBeVisible();
                await hydrated(page);
            });
            await test.step("the list", async () => {
                await nav("nav.containers").click();
                await page.getByRole("combobox", { name: w("common.filter") }).or(page.getByRole("textbox", { name: w("common.filter") })).first().fill(containers.prefix);
                const row = page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
                await expect(row).toContainText(w("containers.running"));
                await expect(page).toHaveURL(new RegExp(containers.prefix));
                await page.getByRole("link", { name, exact: true }).click();
                await expect(page).toHaveURL(new RegExp(`/containers/${id}`));
                await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
            });
            await test.step("stop", async () => {
                await button("containers.stop").click();
                await expect(button("containers.start")).toBeVisible();
                expect(await engineSays("{{.State.Running}} {{.State.ExitCode}}")).toBe("false 0");
            });
            await test.step("start", async () => {
                await button("containers.start").click();
                await expect(button("containers.stop")).toBeVisible();
                expect(await engineSays("{{.State.Running}}")).toBe("true");
            });
            await test.step("restart", async () => {
                const before = await engineSays("{{.State.StartedAt}}");
                await button("containers.restart").click();
                await expect(page.getByText(w("containers.done_one", { name, what: w("containers.restarted") })).first()).toBeVisible();
                expect(await engineSays("{{.State.StartedAt}}")).not.toBe(before);
            });
            await test.step("logs", async () => {
                await page.getByRole("main").getByRole("link", { name: w("containers.logs"), exact: true }).first().click();
                const pane = page.getByRole("region", { name: w("containers.logs") });
                await expect(pane.getByText("hello from here")).toHaveCount(3);
                await expect(pane.getByText("bye")).toHaveCount(2);
            });
            await test.step("remove", async () => {
                await page.getByRole("main").getByRole("button", { name: w("common.more") }).click();
                await page.getByRole("menuitem", { name: w("containers.remove_ask") }).click();
                const dialog = page.getByRole("dialog");
                await expect(dialog).toContainText(name);
                await dialog.getByRole("button", { name: w("containers.remove"), exact: true }).click();
                await expect.poll(() => docker("ps", "-aq", "--filter", `name=${name}`)).toBe("");
            });
            await test.step("audit", async () => {
                await nav("nav.audit").click();
                await expect(page).toHaveURL(/\/audit/);
                const rows = page.getByRole("row").filter({ hasText: name });
                await expect(rows).toHaveCount(4);
                for (const row of await rows.all()) {
                    await expect(row).toContainText(ADMIN.username);
                    await expect(row).toContainText(w("audit.done"));
                }
            });
            await test.step("sign-out", async () => {
                await signOut(page, w("nav.account"), w("nav.sign_out"));
            });
            expect(await server.command(["audit", "verify"])).toBeTruthy();
        });

        test("many at once: each has its own result", async ({ signedIn: page, w, containers }) => {
            for (const name of ["a", "b", "c"]) await containers.run(name);
            await page.goto(`/containers?q=${containers.prefix}`);
            await hydrated(page);
            for (const name of ["a", "b", "c"]) {
                await page.getByRole("row").filter({ hasText: containers.name(name) }).getByRole("checkbox").check();
            }
            await expect(page.getByText(w("common.selected", { n: 3 }))).toBeVisible();
            await docker("rm", "-f", containers.name("b"));
            await page.getByRole("button", { name: w("containers.n_selected", { verb: w("containers.stop"), n: 3 }) }).click();
            for (const name of ["a", "c"]) {
                await expect.poll(() => docker("inspect", "-f", "{{.State.Running}}", containers.name(name))).toBe("false");
            }
            await expect(page.getByText(w("containers.bulk_failed", { failed: 1, total: 3 })).or(page.getByText(w("containers.bulk_done", { done: 2, total: 3, what: w("containers.stopped_done") }))).first()).toBeVisible();
        });
    });
}

async function signOut(page: Page, account: string, leave: string): Promise<void> {
    await page.getByRole("button", { name: `${account}: ${ADMIN.username}` }).click();
    await page.getByRole("menuitem", { name: leave }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    await hydrated(page);
}
