// axe finds nothing on any page, in both themes, both languages and on a narrow screen.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { Api } from "../rig/api.ts";
import { design, ids, routes } from "../rig/routes.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import type { Language } from "../rig/words.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const CASES: { language: Language; theme: "light" | "dark"; width: number }[] = [
    { language: "en", theme: "light", width: 1440 },
    { language: "zh-CN", theme: "dark", width: 1440 },
    { language: "zh-CN", theme: "light", width: 390 },
    { language: "en", theme: "dark", width: 390 },
];

test.use({ serverOptions: { admin: true, env: { ECOS_DEV: "true" } } });

/** What axe finds on the page as it stands. */
async function look(page: Page, what: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const found = violations.map((v) => `${v.id} (${v.help}): ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
    expect.soft(found, what).toEqual([]);
}

for (const { language, theme, width } of CASES) {
    test.describe(`${language} ${theme} ${width}`, () => {
        test.use({ language, colorScheme: theme, viewport: { width, height: 844 } });

        test("axe finds nothing", async ({ context, page, server, containers, complaints }) => {
            test.slow();
            complaints.allow(/\/no-such-page/);
            await containers.run("running", { labels: { "com.docker.compose.project": "shop", "com.docker.compose.service": "web" } });
            await containers.run("failed", { command: ["sh", "-c", "exit 3"] });
            const api = await Api.of(server);
            const { container, host } = await ids((path) => api.get(path));
            api.close();
            const all = [...routes(container, host), ...design()];
            for (const route of all.sort((a, b) => Number(b.open ?? false) - Number(a.open ?? false))) {
                await test.step(route.name, async () => {
                    if (!route.open && (await context.cookies()).length === 0) await signIn(context, server, language);
                    await open(page, route.path);
                    await page.waitForLoadState("networkidle");
                    await look(page, route.path);
                });
            }
        });

        test("axe finds nothing on the set-up", async ({ page, start, w }) => {
            const server = await start();
            await page.goto(await server.setupLink());
            await hydrated(page);
            await look(page, "set-up");
            await page.getByLabel(w("sign_in.password"), { exact: true }).fill("short");
            await page.keyboard.press("Tab");
            await expect(page.getByText(w("problems.password_length"))).toBeVisible();
            await look(page, "set-up with an error");
        });

        test("axe finds nothing in what opens, and where something is wrong", async ({ fakes, context, page, start, w }) => {
            test.slow();
            const engines = await fakes(2, 20);
            const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
            const api = await Api.of(server);
            await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 40);
            await engines.hang(1);
            await until("one is silent", async () => (await api.get("/hosts?state=unreachable&limit=1")).total === 1);
            const troubled = (await api.get("/containers?condition=trouble&limit=1")).items[0].id;
            const silent = (await api.get("/hosts?state=unreachable")).items[0].id;
            const running = (await api.get("/containers?condition=running&limit=1")).items[0].id;
            expect((await api.call("POST", `/containers/${running}/stop`, {})).status).toBe(200);
            const record = (await api.get(`/audit?object_id=${running}`)).items[0].id;
            api.close();
            await signIn(context, server, language);
            const go = async (path: string) => {
                await page.goto(server.url + path);
                await hydrated(page);
                await page.waitForLoadState("networkidle");
            };
            for (const path of ["/", "/hosts", `/hosts/${silent}`, `/containers/${troubled}`, "/containers?condition=unknown"]) {
                await test.step(path, async () => {
                    await go(path);
                    await look(page, path);
                });
            }
            await test.step("a record", async () => {
                await go(`/audit?record=${record}`);
                await expect(page.getByRole("dialog")).toBeVisible();
                await look(page, "a record");
            });
            await test.step("selected rows", async () => {
                await go("/containers?group=none");
                for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
                await expect(page.getByText(w("common.selected", { n: 2 }))).toBeVisible();
                await look(page, "selected rows");
                await page.keyboard.press("Escape");
            });
            await test.step("a row's menu, and what it asks", async () => {
                await go(`/containers?group=none&q=${running}`);
                await page.locator("tr.row").getByRole("button", { name: w("common.more") }).click();
                await expect(page.getByRole("menu")).toBeVisible();
                await look(page, "a menu");
                await page.getByRole("menuitem", { name: w("containers.remove_ask") }).click();
                await expect(page.getByRole("dialog")).toBeVisible();
                await look(page, "a dialog");
            });
        });
    });
}
