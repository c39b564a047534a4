// Events of a container: who or what is behind each, and where that leads.
import { docker } from "../rig/docker.ts";
import { ADMIN } from "../rig/server.ts";
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("an event leads to what caused it", async ({ signedIn: page, server, containers, w }) => {
            const id = await containers.run("caused");
            await open(page, `/containers/${id}?tab=events`);
            const table = page.getByRole("table", { name: w("nav.events"), exact: true });
            const row = (action: string) => table.getByRole("row").filter({ hasText: w(action) });
            await expect(row("events.started").first()).toContainText(w("events.outside"));

            // At a click: a change with a record of its own.
            await page.getByRole("main").getByRole("button", { name: w("containers.restart"), exact: true }).click();
            const who = row("events.restarted").getByRole("link", { name: ADMIN.username, exact: true });
            await expect(who).toHaveAttribute("href", /^\/audit\?record=/);
            await docker("kill", id);
            await expect(row("events.ended").first()).not.toContainText(ADMIN.username);

            // Of many: a part of an operation.
            const detail = await (await page.request.get(`${server.url}/api/v1/containers/${id}`)).json();
            const begun = await page.request.post(`${server.url}/api/v1/containers/actions`, {
                data: { action: "start", items: [{ host_id: detail.host_id, id }] },
                headers: { "x-ecos-page": "1", origin: server.url },
            });
            expect(begun.status()).toBe(202);
            const operation = (await begun.json()).id as string;
            const link = row("events.started").first().getByRole("link", { name: ADMIN.username, exact: true });
            await expect(link).toHaveAttribute("href", `/operations/${operation}`);
            await link.click();
            await expect(page.getByRole("heading", { level: 1 })).toContainText(w("operations.of_start"));
            await page.goBack();
            await who.click();
            await expect(page).toHaveURL(/\/audit\?record=/);
            await expect(page.getByText(w("deeds.restarted")).or(page.getByText(w("containers.restart"), { exact: true })).first()).toBeVisible();
        });
    });
}
