// Every page hydrates without a word, on a page with debug assertions: there leptos tells each difference between what the server
// rendered and what the browser would have. Reached directly, and by links without loading a document.
import { Api } from "../rig/api.ts";
import { design, ids, routes } from "../rig/routes.ts";
import { required } from "../rig/server.ts";
import { expect, open, signIn, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

test.use({ serverOptions: [{ admin: true, binary: process.env.ECOS_TEST_DEBUG_BINARY, env: { ECOS_DEV: "true" } }, { scope: "worker" }] });

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("every page hydrates", async ({ context, page, server, start, containers, complaints }) => {
            test.slow();
            expect(required("ECOS_TEST_DEBUG_BINARY")).toBeTruthy();
            complaints.allow(/\/no-such-page/); // the document's own 404
            await containers.run("one", { labels: { "com.docker.compose.project": "shop", "com.docker.compose.service": "web" } });
            const api = await Api.of(server);
            const { container, host } = await ids((path) => api.get(path));
            api.close();

            const all = [...routes(container, host), ...design()];
            const opens = (path: string) => async () => {
                await open(page, path);
                expect(await page.evaluate(() => sessionStorage.getItem("mount")), "mounted afresh after a failed hydration").toBeNull();
            };
            for (const route of all.filter((r) => r.open)) await test.step(route.name, opens(route.path));
            await signIn(context, server, language);
            for (const route of all.filter((r) => !r.open)) await test.step(route.name, opens(route.path));
            const fresh = await start({ binary: process.env.ECOS_TEST_DEBUG_BINARY });
            await test.step("set-up", opens(await fresh.setupLink()));
        });

        test("links load no document", async ({ signedIn: page }) => {
            await open(page, "/");
            const documents: string[] = [];
            page.on("request", (request) => {
                if (request.isNavigationRequest()) documents.push(request.url());
            });
            const links = page.getByRole("navigation").first().getByRole("link");
            const hrefs = await links.evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
            const paths = [...new Set(hrefs)].filter((path) => path !== "/");
            expect(paths.length).toBeGreaterThan(2);
            for (const path of paths) {
                await page.getByRole("navigation").first().locator(`a[href="${path}"]`).last().click();
                await expect(page).toHaveURL((url) => url.pathname === path);
                await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
            }
            for (const path of ["/", ...paths].reverse().slice(1)) {
                await page.goBack();
                await expect(page).toHaveURL((url) => url.pathname === path);
            }
            expect(documents).toEqual([]);
        });
    });
}
