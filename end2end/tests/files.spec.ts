// The files of a container: walked, read, changed, uploaded, downloaded.
import { readFile } from "node:fs/promises";

import { docker } from "../rig/docker.ts";
import { expect, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("a text is found, changed and saved over what was read", async ({ signedIn: page, containers, w, complaints }) => {
            const id = await containers.run("files");
            await docker("exec", id, "sh", "-c", "mkdir -p /srv/app && echo 'port: 80' > /srv/app/conf.yml && printf '\\000' > /srv/app/blob");
            await open(page, `/containers/${id}?tab=files`);
            await page.getByRole("link", { name: "srv", exact: true }).click();
            await page.getByRole("link", { name: "app", exact: true }).click();
            await expect(page.getByText(w("files.items", { n: 2 }))).toBeVisible();
            await page.getByRole("link", { name: "blob", exact: true }).click();
            await expect(page.getByText(w("files.binary"))).toBeVisible();
            await page.getByRole("link", { name: "conf.yml", exact: true }).click();
            await expect(page.locator("pre.files-text")).toHaveText("port: 80\n");

            await page.getByRole("button", { name: w("files.edit"), exact: true }).click();
            const text = page.locator("textarea.files-text");
            await text.fill("port: 8080\n");
            await page.getByRole("button", { name: w("files.save"), exact: true }).click();
            await expect(page.locator("pre.files-text")).toHaveText("port: 8080\n");
            expect(await docker("exec", id, "cat", "/srv/app/conf.yml")).toBe("port: 8080");

            complaints.allow(/status of 412/);
            await page.getByRole("button", { name: w("files.edit"), exact: true }).click();
            await docker("exec", id, "sh", "-c", "echo 'port: 1' > /srv/app/conf.yml");
            await text.fill("port: 2\n");
            await page.getByRole("button", { name: w("files.save"), exact: true }).click();
            await expect(page.getByText(w("problems.file_changed"))).toBeVisible();
            await expect(text, "what was typed is still there").toHaveValue("port: 2\n");
            expect(await docker("exec", id, "cat", "/srv/app/conf.yml")).toBe("port: 1");
        });

        test("what differs from the image is told by path, and each leads to its folder", async ({ signedIn: page, containers, w }) => {
            const untouched = await containers.create("untouched");
            await open(page, `/containers/${untouched}?tab=files&show=changes`);
            await expect(page.getByRole("heading", { name: w("files.no_changes") })).toBeVisible();

            const id = await containers.run("differs");
            await docker("exec", id, "sh", "-c", "mkdir -p /srv/app && echo x > '/srv/app/<i>new' && rm /etc/passwd && echo a >> /etc/group");
            await open(page, `/containers/${id}?tab=files`);
            await page.getByRole("link", { name: w("files.changes"), exact: true }).click();
            await expect(page).toHaveURL(/show=changes/);
            const table = page.getByRole("table", { name: w("files.changes"), exact: true });
            const row = (path: string) => table.getByRole("row").filter({ has: page.getByRole("link", { name: path, exact: true }) });
            await expect(row("/srv/app/<i>new")).toContainText(w("files.added"));
            await expect(row("/etc/passwd")).toContainText(w("files.deleted"));
            await expect(row("/etc/group")).toContainText(w("files.modified"));
            await expect(row("/etc"), "a folder is not told for what is in it").toHaveCount(0);
            await page.getByRole("link", { name: "/srv/app/<i>new", exact: true }).click();
            await expect(page.getByRole("link", { name: "<i>new", exact: true })).toBeVisible();
            await expect(page).toHaveURL(/path=%2Fsrv%2Fapp$/);
        });

        test("files go up and come down", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("up-down");
            await open(page, `/containers/${id}?tab=files&path=/tmp`);
            await expect(page.getByText(w("files.items", { n: 0 }))).toBeVisible();
            const files = [
                { name: "one.txt", mimeType: "text/plain", buffer: Buffer.from("one\n") },
                { name: "<b>two<b>.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(3_000_000, 7) },
            ];
            await page.locator("input[type=file]").setInputFiles(files);
            await expect(page.getByText(w("files.uploaded", { n: 2 }))).toBeVisible();
            await expect(page.getByRole("link", { name: "<b>two<b>.bin", exact: true })).toBeVisible();
            expect(await docker("exec", id, "stat", "-c", "%s", "/tmp/<b>two<b>.bin")).toBe("3000000");
            const [download] = await Promise.all([
                page.waitForEvent("download"),
                page.getByRole("link", { name: `${w("files.download")} one.txt` }).click(),
            ]);
            expect(download.suggestedFilename()).toBe("one.txt");
            expect(await readFile(await download.path(), "utf8")).toBe("one\n");
        });
    });
}
