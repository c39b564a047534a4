// Views kept in the account: saved under a name, opened on another day, renamed, deleted.
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("a view of the list is kept, opened, renamed and deleted", async ({ signedIn: page, containers, w, complaints }) => {
            complaints.allow(/status of 409/);
            await containers.run("web");
            await open(page, `/containers?q=${containers.prefix}&group=host`);
            const views = page.getByRole("main").getByRole("button", { name: w("views.title"), exact: true });
            const panel = page.getByRole("dialog", { name: w("views.saved") });
            const name = `${containers.prefix} ▲`;
            await views.click();
            await expect(panel.getByText(w("views.none")), "it says what it is for").toBeVisible();
            const field = panel.getByLabel(w("containers.name"), { exact: true });
            await expect(field).toBeFocused();
            await field.fill(name);
            await page.keyboard.press("Enter");
            await expect(panel.getByRole("link", { name, exact: true })).toBeVisible();
            await field.fill(name);
            await panel.getByRole("button", { name: w("views.keep"), exact: true }).click();
            await expect(panel.getByText(w("views.taken"))).toBeVisible();
            await page.keyboard.press("Escape");
            await expect(panel).toBeHidden();

            await open(page, "/containers");
            await views.click();
            await panel.getByRole("link", { name, exact: true }).click();
            await expect(panel).toBeHidden();
            await expect(page).toHaveURL(new RegExp(`q=${containers.prefix}`));
            await expect(page).toHaveURL(/group=host/);
            await expect(page.getByRole("link", { name: containers.name("web"), exact: true })).toBeVisible();

            await views.click();
            await panel.getByRole("button", { name: w("containers.rename"), exact: true }).click();
            const renamed = panel.locator("#f-view-rename");
            await renamed.fill("another name");
            await page.keyboard.press("Enter");
            await expect(panel.getByRole("link", { name: "another name", exact: true })).toBeVisible();
            await open(page, "/containers");
            await views.click();
            await panel.getByRole("listitem").filter({ hasText: "another name" }).getByRole("button", { name: w("views.delete"), exact: true }).click();
            await expect(panel.getByText(w("views.none"))).toBeVisible();
        });

        test("the logs have views of their own", async ({ signedIn: page, containers, w }) => {
            await containers.run("talks", { command: ["sh", "-c", "echo hello; sleep 1000"] });
            await open(page, `/logs?name=${containers.name("talks")}&q=hello`);
            const views = page.getByRole("main").getByRole("button", { name: w("views.title"), exact: true });
            await views.click();
            const panel = page.getByRole("dialog", { name: w("views.saved") });
            await panel.getByLabel(w("containers.name"), { exact: true }).fill("greetings");
            await page.keyboard.press("Enter");
            await open(page, "/containers");
            await page.getByRole("main").getByRole("button", { name: w("views.title"), exact: true }).click();
            await expect(panel.getByText(w("views.none")), "not among the list's").toBeVisible();
            await open(page, "/logs");
            await views.click();
            await panel.getByRole("link", { name: "greetings", exact: true }).click();
            await expect(page).toHaveURL(/q=hello/);
            await views.click();
            await panel.getByRole("button", { name: w("views.delete"), exact: true }).click();
            await expect(panel.getByText(w("views.none"))).toBeVisible();
        });
    });
}
