// The container policy on a container's page: what does not fit, an exception with its reason, the list of all, and its end.
import { ADMIN } from "../rig/server.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("what does not fit is excepted with a reason, and the exception is ended", async ({ signedIn: page, containers, w, complaints }) => {
            complaints.allow(/status of 403/);
            const id = await containers.run("caps", { args: ["--cap-add", "SYS_ADMIN"] });
            const name = containers.name("caps");
            // The password of the sign-in still holds: the first answer is what comes five minutes later.
            const problem = { type: "about:blank", title: "Forbidden", status: 403, code: "step_up_required", detail: "", request_id: "" };
            let asked = 0;
            await page.route("**/policy/exceptions", (route) => {
                asked += Number(route.request().method() === "POST");
                return asked === 1 ? route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }) : route.continue();
            });
            await open(page, `/containers/${id}`);
            const policy = page.locator("section").filter({ has: page.getByRole("heading", { name: w("policy.title"), exact: true }) });
            const finding = policy.getByRole("listitem").filter({ hasText: "SYS_ADMIN" }).first();
            await expect(finding).toContainText(w("policy.does_not_fit"));
            await expect(policy.getByText(w("policy.applies"))).toBeVisible();

            await finding.getByRole("button", { name: w("policy.except"), exact: true }).click();
            const dialog = page.getByRole("dialog", { name: w("policy.except_title", { name }) });
            await dialog.getByRole("button", { name: w("policy.except_do"), exact: true }).click();
            await expect(dialog.getByText(w("policy.reason_length")), "a reason is wanted").toBeVisible();
            await dialog.getByLabel(w("policy.reason"), { exact: true }).fill("mounts its own disks");
            await dialog.getByLabel(w("policy.until"), { exact: true }).selectOption("7");
            await dialog.getByRole("button", { name: w("policy.except_do"), exact: true }).click();
            const password = page.getByRole("dialog", { name: w("step_up.title") });
            await password.getByLabel(w("sign_in.password"), { exact: true }).fill(ADMIN.password);
            await page.keyboard.press("Enter");
            await expect(dialog).toBeHidden();
            await expect(finding).toContainText(w("policy.is_excepted"));
            await expect(policy.getByRole("list", { name: w("policy.is_excepted"), exact: true })).toContainText("mounts its own disks");
            await expect(policy.getByRole("list", { name: w("policy.is_excepted"), exact: true })).toContainText(ADMIN.username);

            await page.getByRole("navigation", { name: w("nav.main") }).getByRole("link", { name: w("policy.title"), exact: true }).click();
            await expect(page).toHaveURL(/\/policy$/);
            const row = page.getByRole("row").filter({ hasText: name });
            await expect(row).toContainText("mounts its own disks");
            await page.reload();
            await hydrated(page);
            await expect(row).toContainText("SYS_ADMIN");
            await row.getByRole("button", { name: w("policy.end"), exact: true }).click();
            const confirm = page.getByRole("dialog", { name: w("policy.end_title") });
            await expect(confirm).toContainText(w("policy.end_text"));
            await confirm.getByRole("button", { name: w("policy.end"), exact: true }).click();
            await expect(row).toHaveCount(0);
            await open(page, `/containers/${id}`);
            await expect(finding).toContainText(w("policy.does_not_fit"));

            await open(page, `/audit?q=policy.manage`);
            for (const deed of ["deeds.excepted", "deeds.exception_ended"]) {
                await expect(page.getByRole("row").filter({ hasText: w(deed) }).first()).toBeVisible();
            }
        });

        test("what fits says so, and an engine that does not answer is told of", async ({ signedIn: page, containers, w, complaints }) => {
            complaints.allow(/status of 503/);
            const id = await containers.run("plain");
            await open(page, `/containers/${id}`);
            await expect(page.getByText(w("policy.fits"))).toBeVisible();
            const problem = { type: "about:blank", title: "", status: 503, code: "host_unreachable", detail: "", request_id: "" };
            await page.route(`**/containers/${id}/policy`, (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) }));
            await page.reload();
            await hydrated(page);
            const policy = page.locator("section").filter({ has: page.getByRole("heading", { name: w("policy.title"), exact: true }) });
            await expect(policy).toContainText(w("problems.unreachable"));
            await page.unroute(`**/containers/${id}/policy`);
            await policy.getByRole("button", { name: w("common.retry"), exact: true }).click();
            await expect(page.getByText(w("policy.fits"))).toBeVisible();
        });
    });
}

test("the list of a console without exceptions says what they are", async ({ start, context, page, w }) => {
    const server = await start({ admin: true });
    await signIn(context, server);
    await page.goto(`${server.url}/policy`);
    await hydrated(page);
    await expect(page.getByRole("heading", { name: w("policy.none") })).toBeVisible();
    await page.getByRole("main").getByRole("link", { name: w("policy.to_containers") }).click();
    await expect(page).toHaveURL(/\/containers$/);
});
