// One's own account: the password, language and theme, and the sessions that there are.
import { ADMIN } from "../rig/server.ts";
import { expect, hydrated, signIn, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

const NEW = "another horse, another battery";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("the password is changed, and from then on it is the one that counts", async ({ start, context, page, w, complaints }) => {
            complaints.allow(/status of (401|422)/);
            const server = await start({ admin: true });
            await signIn(context, server, language);
            await page.goto(`${server.url}/account`);
            await hydrated(page);
            const [current, fresh] = [page.getByLabel(w("account.current"), { exact: true }), page.getByLabel(w("account.new"), { exact: true })];
            const change = page.getByRole("button", { name: w("account.change") });
            await fresh.fill("short");
            await current.fill("not the password");
            await expect(page.getByText(w("problems.password_length"))).toBeVisible();
            await fresh.fill(NEW);
            await expect(page.getByText(w("problems.password_length"))).toBeHidden();
            await change.click();
            await expect(page.getByText(w("problems.wrong_password"))).toBeVisible();
            await expect(fresh).toHaveValue(NEW);
            await current.fill(ADMIN.password);
            await change.click();
            await expect(page.getByText(w("account.password_done"))).toBeVisible();
            await expect(fresh).toHaveValue("");

            const session = (password: string) =>
                page.request.post(`${server.url}/api/v1/session`, {
                    data: { username: ADMIN.username, password },
                    headers: { "x-ecos-page": "1", origin: server.url },
                });
            expect((await session(ADMIN.password)).status()).toBe(401);
            expect((await session(NEW)).ok()).toBe(true);
        });

        test("sessions are seen and ended, and what is typed stays", async ({ start, context, page, browser, w }) => {
            const server = await start({ admin: true });
            await signIn(context, server, language);
            const other = await browser.newContext();
            try {
                await signIn(other, server, language);
                await page.goto(`${server.url}/account`);
                await hydrated(page);
                const rows = page.getByRole("table", { name: w("account.sessions") }).locator("tr.row");
                await expect(rows).toHaveCount(2);
                await expect(rows.filter({ hasText: w("account.this") })).toHaveCount(1);
                await page.getByLabel(w("account.new"), { exact: true }).fill(NEW);
                await rows.getByRole("button", { name: w("account.end"), exact: true }).click();
                await expect(rows).toHaveCount(1);
                await expect(page.getByLabel(w("account.new"), { exact: true })).toHaveValue(NEW);
                expect((await other.request.get(`${server.url}/api/v1/account`)).status()).toBe(401);
            } finally {
                await other.close();
            }
        });
    });
}

test("the fields for language and theme follow the bar above, and it them", async ({ start, context, page }) => {
    const server = await start({ admin: true });
    await signIn(context, server);
    await page.goto(`${server.url}/account`);
    await hydrated(page);
    const kept = () => page.waitForResponse((r) => r.url().endsWith("/api/v1/account") && r.request().method() === "PATCH");
    let saved = kept();
    await page.getByRole("button", { name: "中文" }).click();
    await saved;
    await expect(page.locator("select[name=language]")).toHaveValue("zh-CN");
    saved = kept();
    await page.locator("select[name=language]").selectOption("en");
    await saved;
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByRole("button", { name: "中文" })).toBeVisible();
    saved = kept();
    await page.locator("select[name=theme]").selectOption("dark");
    await saved;
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    saved = kept();
    await page.getByRole("button", { name: "Theme: dark" }).click();
    await saved;
    await expect(page.locator("select[name=theme]")).toHaveValue("system");
});
