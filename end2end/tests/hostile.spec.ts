// Names, labels, log lines and ANSI sequences are text, whatever is in them.
import { expect, open, test } from "../rig/test.ts";

const SCRIPT = `<script>window.hacked=1</script>`;
const IMAGE = `<img src=x onerror="window.hacked=1">`;
const RIGHT_TO_LEFT = "\u202egnp.exe";

test("markup in labels, compose projects and log lines shows as text", async ({ signedIn: page, containers }) => {
    const id = await containers.run("hostile", {
        labels: {
            "com.docker.compose.project": `${IMAGE}shop`,
            "com.docker.compose.service": SCRIPT,
            note: `"><svg onload=window.hacked=1>${RIGHT_TO_LEFT}`,
        },
        command: ["sh", "-c", `printf '%s\\n' "$1" "$2" "$(printf '\\033[31mred\\033[0m \\033]0;title\\007 \\033[2J')"; sleep 1000`, "sh", SCRIPT, IMAGE],
    });
    const intact = async () => {
        expect(await page.evaluate(() => "hacked" in window)).toBe(false);
        expect(await page.locator("main img, main script, main svg[onload]").count()).toBe(0);
    };
    await open(page, `/containers?q=${containers.prefix}&group=application`);
    await expect(page.getByText(`${IMAGE}shop`).first()).toBeVisible();
    await intact();

    await open(page, `/containers/${id}`);
    await expect(page.getByText(SCRIPT).first()).toBeVisible();
    await expect(page.getByText("red", { exact: false }).first()).toBeVisible();
    expect(await page.locator("main").innerText()).not.toContain("\u001b");
    await intact();

    for (const tab of ["events", "inspect"]) {
        await open(page, `/containers/${id}?tab=${tab}`);
        await page.waitForLoadState("networkidle");
        await intact();
    }

    await open(page, "/");
    await page.waitForLoadState("networkidle");
    await intact();
});

test("markup in the address is text", async ({ signedIn: page }) => {
    const q = encodeURIComponent(`"><img src=x onerror=window.hacked=1>`);
    await open(page, `/containers?q=${q}`);
    await page.waitForLoadState("networkidle");
    expect(await page.evaluate(() => "hacked" in window)).toBe(false);
    expect(await page.locator("main img").count()).toBe(0);
});
