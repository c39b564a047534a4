// What is secret in a container: hidden until it is asked for, shown after the password, gone with the tab, and on record.
import { ADMIN } from "../rig/server.ts";
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("secret values are shown once asked for, until the tab is left", async ({ signedIn: page, containers, w, complaints }) => {
            complaints.allow(/status of 403/);
            const id = await containers.run("secret", { args: ["-e", "TOKEN=canary-in-the-page"] });
            // The password of the sign-in still holds: the first answer is what comes five minutes later.
            const problem = { type: "about:blank", title: "Forbidden", status: 403, code: "step_up_required", detail: "", request_id: "" };
            let asked = 0;
            await page.route("**/reveal", (route) => {
                asked += 1;
                return asked === 1 ? route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }) : route.continue();
            });
            await open(page, `/containers/${id}?tab=inspect`);
            const reveal = page.getByRole("main").getByRole("button", { name: w("containers.reveal"), exact: true });
            await expect(page.getByText("TOKEN").first()).toBeVisible();
            expect(await page.content(), "nothing of it is in the page before").not.toContain("canary-in-the-page");
            await reveal.click();
            const dialog = page.getByRole("dialog", { name: w("step_up.title") });
            await dialog.getByLabel(w("sign_in.password"), { exact: true }).fill(ADMIN.password);
            await page.keyboard.press("Enter");
            await expect(dialog).toBeHidden();
            await expect(page.getByText("canary-in-the-page")).toBeVisible();
            await expect(page.getByText(w("containers.revealed"))).toBeVisible();

            await page.getByRole("button", { name: w("containers.hide"), exact: true }).click();
            await expect(page.getByText("canary-in-the-page")).toHaveCount(0);
            await reveal.click();
            await expect(page.getByText("canary-in-the-page")).toBeVisible();
            await page.getByRole("main").getByRole("link", { name: w("containers.overview"), exact: true }).click();
            await page.getByRole("link", { name: w("containers.inspect"), exact: true }).click();
            await expect(reveal).toBeVisible();
            await expect(page.getByText("canary-in-the-page"), "it went with the tab").toHaveCount(0);

            await reveal.click();
            await page.getByRole("main").getByRole("link", { name: w("nav.audit"), exact: true }).click();
            await expect(page).toHaveURL(/audit\?.*object=/);
            const records = page.getByRole("row").filter({ hasText: containers.name("secret") });
            await expect(records, "each time is a record").toHaveCount(3);
            expect(await page.content()).not.toContain("canary-in-the-page");
        });

        test("who may not reveal is not offered to", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("hidden", { args: ["-e", "TOKEN=canary-in-the-page"] });
            await page.route(`**/api/v1/containers/${id}`, async (route) => {
                const answer = await route.fetch();
                const detail = (await answer.json()) as { may: string[] };
                await route.fulfill({ response: answer, json: { ...detail, may: detail.may.filter((may) => may !== "reveal") } });
            });
            await open(page, `/containers?q=${containers.prefix}`);
            await page.getByRole("link", { name: containers.name("hidden"), exact: true }).click();
            await page.getByRole("link", { name: w("containers.inspect"), exact: true }).click();
            await expect(page.getByText("TOKEN").first()).toBeVisible();
            await expect(page.getByRole("button", { name: w("containers.reveal"), exact: true })).toHaveCount(0);
            // What is still asked for when the test is over has nobody to answer it.
            await page.unrouteAll({ behavior: "ignoreErrors" });
        });
    });
}
