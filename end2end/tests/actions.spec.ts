// What a row's menu does, checked by the engine's own command line.
import { Api } from "../rig/api.ts";
import { docker } from "../rig/docker.ts";
import { expect, open, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("a container is paused, goes on, gets another name and is killed", async ({ signedIn: page, containers, w, complaints }) => {
            const id = await containers.run("menu");
            await containers.run("taken");
            await open(page, `/containers?q=${id}`);
            const row = page.getByRole("row").filter({ hasText: containers.prefix });
            const choose = async (key: string) => {
                await row.getByRole("button", { name: w("common.more") }).click();
                await page.getByRole("menuitem", { name: w(key), exact: true }).click();
            };
            const dialog = page.getByRole("dialog");

            await choose("containers.pause");
            await expect(row).toContainText(w("containers.paused"));
            expect(await docker("inspect", "-f", "{{.State.Paused}}", id)).toBe("true");
            await choose("containers.unpause");
            await expect(row).toContainText(w("containers.running"));
            expect(await docker("inspect", "-f", "{{.State.Paused}}", id)).toBe("false");

            complaints.allow(/status of (409|422)/);
            await choose("containers.rename_ask");
            const field = dialog.getByLabel(w("containers.name"));
            await field.fill("no spaces");
            await dialog.getByRole("button", { name: w("containers.rename"), exact: true }).click();
            await expect(field).toHaveAttribute("aria-invalid", "true");
            await field.fill(containers.name("taken"));
            await field.press("Enter");
            await expect(dialog).toContainText(w("problems.name_conflict"));
            await field.fill(containers.name("renamed"));
            await field.press("Enter");
            await expect(dialog).toBeHidden();
            await expect(row).toContainText(containers.name("renamed"));
            expect(await docker("inspect", "-f", "{{.Name}}", id)).toBe(`/${containers.name("renamed")}`);

            await choose("containers.kill_ask");
            await expect(dialog).toContainText(w("containers.ask_kill"));
            await dialog.getByRole("button", { name: w("containers.kill"), exact: true }).click();
            await expect(row).toContainText("137");
            expect(await docker("inspect", "-f", "{{.State.Running}} {{.State.ExitCode}}", id)).toBe("false 137");
            await docker("rm", id);
        });
    });
}

test("of two who make a container anew at once, both are told the truth, and one container is there", async ({ server, containers }) => {
    const api = await Api.of(server);
    try {
        const id = await containers.run("twice", { args: ["-e", "KEPT=yes"] });
        await until("it is listed", async () => (await api.call("GET", `/containers/${id}`)).status === 200);
        const answers = await Promise.all(["one", "two"].map((who) => api.call("POST", `/containers/${id}/recreate`, { env: { WHO: who } })));
        const begun = answers.filter((answer) => answer.status === 202).map((answer) => JSON.parse(answer.text).id);
        expect(begun.length, "at least one begins").toBeGreaterThan(0);
        for (const refused of answers.filter((answer) => answer.status !== 202)) expect([404, 409]).toContain(refused.status);
        const states: string[] = [];
        for (const operation of begun) {
            await until("it ends", async () => (await api.get(`/operations/${operation}`)).state !== "running", 60_000);
            states.push((await api.get(`/operations/${operation}`)).state);
        }
        expect(states.filter((state) => state === "succeeded"), "one of them did it").toHaveLength(1);
        const left = await docker("ps", "-a", "--filter", `name=${containers.prefix}`, "--format", "{{.Names}} {{.State}}");
        expect(left).toBe(`${containers.name("twice")} running`);
        const env = await docker("inspect", "-f", "{{.Config.Env}}", containers.name("twice"));
        expect(env).toContain("KEPT=yes");
        expect(env).toMatch(/WHO=(one|two)/);
    } finally {
        api.close();
    }
});
