// The frame round every page: where the keyboard goes, the navigation as icons, and what a browser that cannot run the page is told.
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("the navigation becomes icons, stays so, and its links keep their names", async ({ signedIn: page, w }) => {
            await open(page, "/");
            const nav = page.getByRole("navigation", { name: w("nav.main") });
            const label = nav.locator("a[href='/containers'] .label");
            const wide = (await nav.boundingBox())!.width;
            await nav.getByRole("button", { name: w("nav.collapse") }).click();
            await expect.poll(async () => (await nav.boundingBox())!.width).toBeLessThan(wide / 2);
            expect((await label.boundingBox())!.width).toBeLessThan(2);
            await page.reload();
            await hydrated(page);
            await expect.poll(async () => (await nav.boundingBox())!.width).toBeLessThan(wide / 2);
            await nav.getByRole("link", { name: w("nav.containers"), exact: true }).click();
            await expect(page).toHaveURL(/\/containers$/);
            await expect(nav.getByRole("button", { name: w("nav.collapse") })).toHaveAttribute("aria-expanded", "false");
            await nav.getByRole("button", { name: w("nav.collapse") }).click();
            await expect.poll(async () => (await nav.boundingBox())!.width).toBe(wide);
        });

        test("a browser without WebAssembly is told so, in sight, and can read the page", async ({ signedIn: page, w, complaints }) => {
            complaints.allow(/preload/);
            await page.addInitScript(() => delete (globalThis as Partial<typeof globalThis>).WebAssembly);
            for (const path of ["/containers", "/account"]) {
                await page.goto(path);
                const notice = page.locator("p.nowasm").first();
                await expect(notice).toHaveText(w("app.nowasm"));
                await expect(notice).toBeInViewport({ ratio: 1 });
                await expect(page.getByRole("heading", { level: 1 })).toBeInViewport();
                expect((await page.getByRole("navigation", { name: w("nav.main") }).boundingBox())!.y, "below the notice").toBeGreaterThan(20);
            }
        });

        test("a browser without JavaScript is told so, in sight, and can read the page", async ({ browser, server, w }) => {
            const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false });
            try {
                const page = await context.newPage();
                await page.goto("/sign-in");
                await expect(page.locator("noscript p")).toHaveText(w("app.nowasm"));
                await signIn(context, server, language);
                await page.goto("/hosts");
                await expect(page.locator("noscript p")).toHaveText(w("app.nowasm"));
                expect((await page.locator("noscript p").boundingBox())!.y).toBeLessThan(10);
                expect((await page.getByRole("heading", { level: 1 }).boundingBox())!.y).toBeLessThan(300);
            } finally {
                await context.close();
            }
        });
    });
}

test("the keyboard goes where a link leads, and stays where only the view changes", async ({ signedIn: page, w, server }) => {
    await open(page, "/");
    const nav = page.getByRole("navigation", { name: w("nav.main") });
    const main = page.getByRole("main");
    await nav.getByRole("link", { name: w("nav.hosts"), exact: true }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${server.url}/hosts`);
    await expect(main).toBeFocused();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => !!document.activeElement?.closest("main")), "Tab goes on in the page").toBe(true);

    const filter = page.getByRole("combobox", { name: w("common.filter") });
    await filter.fill("no");
    await expect(page).toHaveURL(/q=no/);
    await expect(filter).toBeFocused();
    await filter.fill("");
    await expect(page).not.toHaveURL(/q=/);
    await page.getByRole("row").getByRole("link").first().click();
    await expect(page).toHaveURL(/\/hosts\/[0-9a-f-]{36}$/);
    await expect(main).toBeFocused();
    await page.goBack();
    await expect(page).toHaveURL(/\/hosts/);
    await expect(main).toBeFocused();
});

for (const [failures, anew] of [
    [1, false],
    [2, true],
] as const) {
    const then = anew ? "loads the document anew where it fails twice" : "asks for it once more";
    test(`a part of the page that cannot be had: ${then}`, async ({ signedIn: page, w, complaints }) => {
        complaints.allow(/net::ERR_CONNECTION_RESET/);
        await open(page, "/");
        await page.evaluate(() => document.documentElement.setAttribute("data-first", ""));
        const asked = new Map<string, number>();
        let mended = false;
        page.on("request", (request) => (mended ||= request.isNavigationRequest()));
        // Not the first part, which every document begins with.
        await page.route(/\/pkg\/[^/]+\/(chunk|split)_[^/]*\.wasm$/, (route) => {
            const url = route.request().url();
            const before = asked.get(url) ?? 0;
            asked.set(url, before + 1);
            return before < failures && !mended ? route.abort("connectionreset") : route.continue();
        });
        await page.getByRole("navigation", { name: w("nav.main") }).getByRole("link", { name: w("nav.hosts"), exact: true }).click();
        await expect(page).toHaveURL(/\/hosts$/);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(w("nav.hosts"));
        await hydrated(page);
        expect(Math.max(...asked.values()), "one failed, and was asked for again").toBeGreaterThan(failures);
        await expect(page.locator("html[data-first]")).toHaveCount(anew ? 0 : 1);
    });
}
