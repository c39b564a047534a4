// The terminal of a container: typed into, lost and come back to, without a shell, and the password before it.
import { docker } from "../rig/docker.ts";
import { ADMIN } from "../rig/server.ts";
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("one types, reloads, comes back, and ends it", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("enter");
            await open(page, `/containers?q=${id}`);
            await page.getByRole("row").filter({ hasText: containers.prefix }).getByRole("link", { name: w("terminal.tab") }).click();
            const screen = page.locator(".xterm-rows");
            await expect(page.getByText(w("terminal.open"), { exact: true })).toBeVisible();
            await page.keyboard.type("echo typed-$((40+2))\n");
            await expect(screen).toContainText("typed-42");

            await page.reload();
            await expect(page.getByText(w("terminal.open"), { exact: true })).toBeVisible();
            await expect(screen, "what was written is still there").toContainText("typed-42");
            await page.getByLabel(w("terminal.label")).focus();
            await page.keyboard.type("echo again-$((40+3))\n");
            await expect(screen).toContainText("again-43");

            await page.getByRole("button", { name: w("terminal.end"), exact: true }).click();
            await expect(page.getByText(w("terminal.closed"), { exact: true })).toBeVisible();
            await expect.poll(() => docker("top", id, "-o", "pid,args")).not.toContain("ash");

            await page.getByRole("button", { name: w("terminal.begin") }).click();
            await expect(page.getByText(w("terminal.open"), { exact: true })).toBeVisible();
            await page.getByLabel(w("terminal.label")).focus();
            await page.keyboard.type("exit 3\n");
            await expect(page.getByText(w("terminal.exited", { code: 3 }))).toBeVisible();
        });

        test("the password is asked for once, then it goes on", async ({ signedIn: page, containers, w, complaints }) => {
            const id = await containers.run("step-up");
            complaints.allow(/status of 403/);
            complaints.allow(/status of 422/);
            const problem = { type: "about:blank", title: "Forbidden", status: 403, code: "step_up_required", detail: "", request_id: "" };
            let asked = 0;
            await page.route("**/shells", (route) => {
                asked += 1;
                return asked === 1 ? route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }) : route.continue();
            });
            await open(page, `/containers/${id}?tab=terminal`);
            const dialog = page.getByRole("dialog");
            const password = dialog.getByLabel(w("sign_in.password"), { exact: true });
            await password.fill("not the password");
            await password.press("Enter");
            await expect(password).toHaveAttribute("aria-invalid", "true");
            await password.fill(ADMIN.password);
            await password.press("Enter");
            await expect(dialog).toBeHidden();
            await expect(page.getByText(w("terminal.open"), { exact: true })).toBeVisible();
        });

        test("a container that stops under it says so", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("stops");
            await open(page, `/containers/${id}?tab=terminal`);
            await expect(page.getByText(w("terminal.open"), { exact: true })).toBeVisible();
            await docker("kill", id);
            await expect(page.getByText(w("terminal.container_stopped"), { exact: true })).toBeVisible();
        });
    });
}
