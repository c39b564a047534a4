// What could not be had: it says what failed, what still works and under which request, and a second try brings it.
import type { Page } from "@playwright/test";

import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

/** Lets calls of the API fail as a broken server would, until the test takes it back. */
async function fails(page: Page, url: RegExp, status = 500, code = "internal"): Promise<() => Promise<void>> {
    await page.route(url, (route) =>
        route.fulfill({
            status,
            contentType: "application/problem+json",
            body: JSON.stringify({ type: "about:blank", title: "Broken", status, code, detail: "Broken by the test.", request_id: "01TESTREQUEST" }),
        }),
    );
    return () => page.unroute(url);
}

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("a page that fails keeps its title and offers a second try", async ({ signedIn: page, w, complaints }) => {
            complaints.allow(/status of 500/);
            await open(page, "/account");
            const nav = page.getByRole("navigation", { name: w("nav.main") });
            for (const [key, url] of [["nav.hosts", /\/api\/v1\/hosts/], ["nav.overview", /\/api\/v1\/overview/]] as const) {
                await test.step(key, async () => {
                    const mend = await fails(page, url);
                    await nav.getByRole("link", { name: w(key), exact: true }).click();
                    const alert = page.getByRole("alert");
                    await expect(alert).toContainText(w("problems.internal"));
                    await expect(alert).toContainText(w("failed.other_pages"));
                    await expect(alert).toContainText("01TESTREQUEST");
                    await expect(page.getByRole("heading", { level: 1 })).toHaveText(w(key));
                    await mend();
                    await alert.getByRole("button", { name: w("common.retry") }).click();
                    await expect(alert).toBeHidden();
                    await expect(page.getByRole("heading", { level: 1 })).toHaveText(w(key));
                });
            }
        });

        test("a list that fails keeps its rows and offers a second try", async ({ signedIn: page, w, complaints }) => {
            complaints.allow(/status of 500/);
            for (const [path, url] of [["/hosts", /\/api\/v1\/hosts\?/], ["/audit", /\/api\/v1\/audit\?/]] as const) {
                await test.step(path, async () => {
                    await open(page, path);
                    const rows = page.locator("tr.row");
                    const before = await rows.count();
                    expect(before).toBeGreaterThan(0);
                    const mend = await fails(page, url);
                    await page.getByRole("combobox", { name: w("common.filter") }).fill("zzz-nothing");
                    const told = page.locator(".list-failed");
                    await expect(told).toContainText(w("problems.internal"));
                    await expect(told).toContainText("01TESTREQUEST");
                    await expect(rows).toHaveCount(before);
                    await mend();
                    await told.getByRole("button", { name: w("common.retry") }).click();
                    await expect(told).toBeHidden();
                    await expect(rows).toHaveCount(0);
                });
            }
        });

        test("what is read is asked for once more where the connection went in its midst", async ({ signedIn: page, w, complaints }) => {
            complaints.allow(/net::ERR_CONNECTION_RESET/);
            await open(page, "/hosts");
            const filter = page.getByRole("combobox", { name: w("common.filter") });
            const told = page.locator(".list-failed");
            const lists = /\/api\/v1\/hosts\?/;
            let asked = 0;
            await page.route(lists, (route) => (asked++ === 0 ? route.abort("connectionreset") : route.continue()));
            await filter.fill("zzz-nothing");
            await expect(page.locator("tr.row")).toHaveCount(0);
            expect(asked).toBeGreaterThan(1);
            await expect(told).toBeHidden();
            await page.unroute(lists);
            await page.route(lists, (route) => route.abort("connectionreset"));
            await filter.fill("");
            await expect(told).toContainText(w("problems.offline"));
            await page.unroute(lists);
            await told.getByRole("button", { name: w("common.retry") }).click();
            await expect(told).toBeHidden();
            expect(await page.locator("tr.row").count()).toBeGreaterThan(0);
        });
    });
}

test("a host that is not there says so under a title, with the status", async ({ signedIn: page, w, complaints }) => {
    complaints.allow(/status of 404/);
    const answer = await page.goto("/hosts/018f0000-0000-7000-8000-000000000999");
    expect(answer!.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(w("nav.hosts"));
    await expect(page.getByRole("alert")).toContainText(w("problems.not_found"));
});
