// At 390 px nothing is cut off sideways, the navigation is a drawer, and the work can be done with a thumb.
import { Api } from "../rig/api.ts";
import { ids, routes } from "../rig/routes.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { LANGUAGES } from "../rig/words.ts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("no page scrolls sideways", async ({ context, page, server, start, containers, complaints }) => {
            test.slow();
            complaints.allow(/\/no-such-page/);
            await containers.run("a-name-that-is-longer-than-a-narrow-screen-can-show-at-once");
            const api = await Api.of(server);
            const { container, host } = await ids((path) => api.get(path));
            api.close();
            const fits = (path: string) => async () => {
                await open(page, path);
                await page.waitForLoadState("networkidle");
                const { wide, view, tables } = await page.evaluate(() => ({
                    wide: document.documentElement.scrollWidth,
                    view: innerWidth,
                    // Of a table that scrolls within its own box the document knows nothing.
                    tables: [...document.querySelectorAll("main table.items")].map((t) => t.getBoundingClientRect().right),
                }));
                expect.soft(wide, path).toBeLessThanOrEqual(view);
                for (const right of tables) expect.soft(right, `a table of ${path}`).toBeLessThanOrEqual(view);
            };
            const all = routes(container, host);
            for (const route of all.filter((r) => r.open)) await test.step(route.name, fits(route.path));
            await signIn(context, server, language);
            for (const route of all.filter((r) => !r.open)) await test.step(route.name, fits(route.path));
            const fresh = await start();
            await test.step("set-up", fits(await fresh.setupLink()));
        });

        test("what happened, why, and which sessions there are can be read", async ({ fakes, context, page, start, w }) => {
            const engines = await fakes(2, 4);
            const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
            const api = await Api.of(server);
            await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 8);
            await engines.hang(1);
            await until("one is silent", async () => (await api.get("/hosts?state=unreachable&limit=1")).total === 1);
            const silent = (await api.get("/hosts?state=unreachable")).items[0].id;
            api.close();
            await signIn(context, server, language);
            const readable = async (path: string, cell: string, text: string) => {
                await page.goto(server.url + path);
                await hydrated(page);
                const found = page.getByRole("main").locator(`tr.row > ${cell}`).filter({ hasText: text }).first();
                await expect(found).toBeInViewport({ ratio: 0.9 });
                expect((await found.boundingBox())!.width, `${text} on ${path}`).toBeGreaterThan(60);
            };
            await readable("/", ".in-second", w("hosts.cause_timeout"));
            await readable("/", ".in-title", "node-002");
            await readable(`/hosts/${silent}`, ".in-second", w("events.unreachable"));
            await page.goto(`${server.url}/account`);
            await hydrated(page);
            const session = page.getByRole("table", { name: w("account.sessions") }).locator("tr.row");
            await session.scrollIntoViewIfNeeded();
            for (const part of [".in-title", ".in-second", ".in-tools"]) {
                expect((await session.locator(part).boundingBox())!.width, part).toBeGreaterThan(30);
            }
        });

        test("rows are selected and sorted with a thumb", async ({ signedIn: page, containers, w }) => {
            for (const name of ["a", "b"]) await containers.run(name);
            await open(page, `/containers?q=${containers.prefix}&group=none`);
            const names = () => page.locator("tr.row td.in-title a").allInnerTexts();
            const sorted = [containers.name("a"), containers.name("b")];
            for (const wanted of [sorted, sorted.toReversed()]) {
                await page.getByRole("button", { name: w("common.sort"), exact: true }).tap();
                await page.getByRole("menuitemcheckbox", { name: w("containers.name") }).tap();
                await expect.poll(names).toEqual(wanted);
            }
            await expect(page).toHaveURL(/sort=-name/);

            const more = (name: string) =>
                page.getByRole("button", { name: w("common.of_what", { what: w("common.more"), name: containers.name(name) }), exact: true });
            const box = (await more("a").boundingBox())!;
            expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(36);
            await more("a").tap();
            await page.getByRole("menuitem", { name: w("common.select"), exact: true }).tap();
            await expect(page.getByText(w("common.selected", { n: 1 }))).toBeVisible();
            await page.getByRole("checkbox", { name: w("common.select_named", { name: containers.name("b") }), exact: true }).tap();
            await expect(page.getByText(w("common.selected", { n: 2 }))).toBeVisible();
            await page.getByRole("button", { name: w("common.selection_clear") }).tap();
            await page.getByRole("button", { name: w("common.selection_clear") }).waitFor({ state: "hidden" });
            await more("a").tap();
            await page.getByRole("menuitem", { name: w("common.select"), exact: true }).tap();
            await page.getByRole("button", { name: w("common.select_all"), exact: true }).tap();
            await expect(page.getByText(w("common.selected", { n: 2 }))).toBeVisible();
        });

        test("the drawer leads from page to page", async ({ signedIn: page, w }) => {
            await open(page, "/");
            const link = page.getByRole("navigation", { name: w("nav.main") }).getByRole("link", { name: w("nav.containers"), exact: true });
            await page.getByRole("button", { name: w("nav.open") }).tap();
            await link.tap();
            await expect(page).toHaveURL(/\/containers$/);
            await expect(link).not.toBeInViewport();
            await expect(page.getByRole("main")).toBeFocused();
        });

        test("the drawer keeps the keyboard and gives it back", async ({ signedIn: page, w }) => {
            await open(page, "/containers");
            const opener = page.getByRole("button", { name: w("nav.open") });
            await expect(opener).toHaveAttribute("aria-expanded", "false");
            await expect(opener).toHaveAttribute("aria-controls", "nav");
            await opener.focus();
            await page.keyboard.press("Enter");
            const nav = page.getByRole("navigation", { name: w("nav.main") });
            await expect(nav.getByRole("link").nth(1)).toBeFocused();
            const links = await nav.getByRole("link").count();
            for (let i = 0; i < links + 2; i++) {
                await page.keyboard.press("Tab");
                expect(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement?.closest("#nav"))).toBe(true);
            }
            await page.keyboard.press("Escape");
            await expect(nav).not.toBeInViewport();
            await expect(opener).toBeFocused();
            // The page that is shown is a way out as well.
            await opener.tap();
            await nav.getByRole("link", { name: w("nav.containers"), exact: true }).tap();
            await expect(nav).not.toBeInViewport();
            await expect(page.getByRole("main")).toBeFocused();
        });
    });
}
