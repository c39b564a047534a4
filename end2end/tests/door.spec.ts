// The way in and out: set-up by the one-time link, sign-in, what is refused, sign-out. In both languages.
import { ADMIN } from "../rig/server.ts";
import { expect, hydrated, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("the first administrator is made by the one-time link, once", async ({ start, page, w, complaints }) => {
            const server = await start();
            await test.step("every page leads to the set-up", async () => {
                await page.goto(`${server.url}/containers`);
                await expect(page).toHaveURL(`${server.url}/setup`);
                await expect(page.getByText(w("setup.no_token"))).toBeVisible();
            });
            const link = await server.setupLink();
            await test.step("the link makes the account and signs in", async () => {
                await page.goto(link);
                await hydrated(page);
                await expect(page.locator("html")).toHaveAttribute("lang", language);
                await page.getByLabel(w("sign_in.username")).fill("ops-b");
                await page.getByLabel(w("sign_in.password"), { exact: true }).fill(ADMIN.password);
                // Checked as one leaves the field, not while one types.
                const password = page.getByLabel(w("sign_in.password"), { exact: true });
                await password.fill("short");
                await expect(page.getByText(w("problems.password_length"))).toBeHidden();
                await page.getByLabel(w("setup.again")).fill("something else entirely");
                await expect(page.getByText(w("problems.password_length"))).toBeVisible();
                await password.fill(ADMIN.password);
                await expect(page.getByText(w("problems.password_length"))).toBeHidden();
                await expect(page.getByText(w("setup.differs"))).toBeVisible();
                await page.getByLabel(w("setup.again")).fill(ADMIN.password);
                await page.getByRole("button", { name: w("setup.submit") }).click();
                await expect(page.getByRole("navigation", { name: w("nav.main") })).toBeVisible();
                await expect(page).toHaveURL(`${server.url}/`);
            });
            await test.step("the account keeps the language it was made in", async () => {
                const account = await page.request.get(`${server.url}/api/v1/account`).then((r) => r.json());
                expect(account).toMatchObject({ username: "ops-b", language });
            });
            await test.step("the link is used up", async () => {
                complaints.allow(/status of 4\d\d/);
                const again = await page.request.post(`${server.url}/api/v1/setup`, {
                    data: { token: link.split("#")[1], username: "ops-c", password: ADMIN.password },
                    headers: { "x-ecos-page": "1", origin: server.url },
                });
                expect(again.status()).toBeGreaterThanOrEqual(400);
            });
        });

        test("signing in by Enter leads where one wanted to go, and out again", async ({ start, page, w }) => {
            const server = await start({ admin: true });
            await page.goto(`${server.url}/hosts`);
            await expect(page).toHaveURL(/\/sign-in\?next=%2Fhosts$/);
            await hydrated(page);
            await page.getByLabel(w("sign_in.username")).fill(ADMIN.username);
            await page.getByLabel(w("sign_in.password"), { exact: true }).fill(ADMIN.password);
            await page.keyboard.press("Enter");
            await expect(page).toHaveURL(`${server.url}/hosts`);
            await hydrated(page);

            await page.getByRole("button", { name: `${w("nav.account")}: ${ADMIN.username}` }).click();
            await page.getByRole("menuitem", { name: w("nav.sign_out") }).click();
            await expect(page).toHaveURL(`${server.url}/sign-in`);
            // What stays says only that the browser was here before; it lets nobody in.
            expect((await page.context().cookies()).map((cookie) => cookie.name)).toEqual(["ecos-device"]);
            await page.goto(`${server.url}/containers`);
            await expect(page).toHaveURL(/\/sign-in/);
        });

        test("a wrong password says so and keeps the name", async ({ page, w, complaints }) => {
            complaints.allow(/status of 401/);
            await open(page, "/sign-in");
            await page.getByLabel(w("sign_in.username")).fill(ADMIN.username);
            await page.getByLabel(w("sign_in.password"), { exact: true }).fill("not the password");
            await page.getByRole("button", { name: w("sign_in.submit") }).click();
            await expect(page.getByText(w("problems.wrong_credentials"))).toBeVisible();
            await expect(page.getByLabel(w("sign_in.username"))).toHaveValue(ADMIN.username);
        });
    });
}

test("the language switches in place and stays with the account", async ({ signedIn: page, w }) => {
    await open(page, "/");
    const documents: string[] = [];
    page.on("request", (request) => request.isNavigationRequest() && documents.push(request.url()));
    const kept = page.waitForResponse((r) => r.url().endsWith("/api/v1/account") && r.request().method() === "PATCH");
    await page.getByRole("button", { name: "中文" }).click();
    await expect(page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "容器", exact: true })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    expect((await kept).ok()).toBe(true);
    expect(documents).toEqual([]);

    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    await hydrated(page);
    const back = page.waitForResponse((r) => r.url().endsWith("/api/v1/account") && r.request().method() === "PATCH");
    await page.getByRole("button", { name: "EN", exact: true }).click();
    await expect(page.getByRole("navigation", { name: w("nav.main") }).getByRole("link", { name: w("nav.containers"), exact: true })).toBeVisible();
    await back;
});

test("a language that is chosen at the sign-in stays with the account", async ({ start, page }) => {
    const server = await start({ admin: true });
    await page.goto(`${server.url}/sign-in`);
    await hydrated(page);
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByLabel("用户名").fill(ADMIN.username);
    await page.getByLabel("密码", { exact: true }).fill(ADMIN.password);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${server.url}/`);
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

test("what is typed and sent before the page lives is done then", async ({ start, page }) => {
    const server = await start({ admin: true });
    // The page's code comes late, as over a slow line.
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(/\/pkg\/.*\.wasm$/, async (route) => {
        await held;
        await route.continue();
    });
    await page.goto(`${server.url}/sign-in?next=%2Fhosts`, { waitUntil: "commit" });
    await page.locator("input[name=username]").fill(ADMIN.username);
    await page.locator("input[name=password]").fill(ADMIN.password);
    await page.keyboard.press("Enter");
    expect(await page.locator("html").getAttribute("data-hydrated")).toBeNull();
    release();
    await expect(page).toHaveURL(`${server.url}/hosts`);
});

test("the theme is the account's, without a flash", async ({ signedIn: page, w }) => {
    await open(page, "/");
    const kept = page.waitForResponse((r) => r.url().endsWith("/api/v1/account") && r.request().method() === "PATCH");
    await page.getByRole("button", { name: new RegExp(["light", "dark", "system"].map((t) => w(`common.theme_${t}`)).join("|")) }).click();
    await kept;
    const theme = await page.locator("html").getAttribute("data-theme");
    const html = await page.request.get("/").then((r) => r.text());
    expect(html).toContain(`data-theme="${theme}"`);
});
