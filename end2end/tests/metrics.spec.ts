// What containers use: in the list, on the page of one, and with nobody looking not at all.
import { docker } from "../rig/docker.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

const BUSY = ["sh", "-c", "trap 'exit 0' TERM; while :; do :; done"];
/** Two rounds and what they wait for. */
const ROUNDS = { timeout: 15_000 };

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("the list shows what rows in view use", async ({ signedIn: page, containers, w }) => {
            await containers.run("busy", { args: ["--cpus", "0.5", "--memory", "64m"], command: BUSY });
            await containers.create("idle");
            await open(page, `/containers?q=${containers.prefix}`);
            for (const key of ["metrics.cpu", "metrics.memory"]) {
                await expect(page.getByRole("columnheader", { name: w(key), exact: true })).toBeVisible();
            }
            const row = page.getByRole("row").filter({ hasText: containers.name("busy") });
            await expect(row.locator(".sparked")).toHaveText(/^\s*\d+ %$/, ROUNDS);
            await expect
                .poll(async () => Number((await row.locator(".sparked").innerText()).replace("%", "")), { ...ROUNDS, message: "near its limit" })
                .toBeGreaterThan(60);
            await expect(row.locator(".metered")).toHaveText(/^\d+ \/ 64 MiB$/);
            const idle = page.getByRole("row").filter({ hasText: containers.name("idle") });
            await expect(idle.locator(".sparked, .metered")).toHaveCount(0);
        });

        test("the metrics of one: charts, range in the address, processes", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("web", { args: ["--cpus", "0.5", "--memory", "64m"], command: BUSY });
            await open(page, `/containers/${id}`);
            await page.getByRole("link", { name: w("metrics.title"), exact: true }).click();
            await expect(page).toHaveURL(/tab=metrics/);
            const chart = (key: string) => page.getByRole("img", { name: w(key), exact: true });
            for (const key of ["metrics.cpu", "metrics.memory", "metrics.disk", "metrics.processes"]) {
                await expect(chart(key).locator("svg")).toBeVisible(ROUNDS);
            }
            await expect(chart("metrics.memory").locator("path.limit")).toBeAttached();
            await expect(chart("metrics.memory").locator("text").filter({ hasText: "MiB" }).first()).toBeVisible();
            await expect(chart("metrics.memory").locator("path.mark").first(), "its start is marked").toBeAttached();
            await expect(page.getByRole("table", { name: w("metrics.memory"), exact: true })).toContainText("64 MiB");
            await expect(page.getByText(w("metrics.source_files"))).toBeVisible();

            const processes = page.getByRole("table", { name: w("metrics.processes"), exact: true }).filter({ hasText: w("metrics.pid") });
            await expect(processes.getByRole("row").filter({ hasText: "root" })).toContainText("sh");
            await expect(processes, "no arguments").not.toContainText("while");

            await page.getByRole("button", { name: w("metrics.range_15m"), exact: true }).click();
            await expect(page).toHaveURL(/range=15m/);
            await expect(chart("metrics.cpu").locator("svg")).toBeVisible();
            const plot = (await chart("metrics.cpu").boundingBox())!;
            const y = plot.y + plot.height / 2;
            await page.mouse.move(plot.x + plot.width * 0.4, y);
            await expect(page.locator(".chart-cursor").first()).toBeVisible();
            await page.mouse.down();
            await page.mouse.move(plot.x + plot.width * 0.9, y, { steps: 5 });
            await page.mouse.up();
            await expect(page).toHaveURL(/from=.*&to=/);
            const zoomed = page.url();
            await page.goto(zoomed);
            await hydrated(page);
            await expect(page.getByText(w("metrics.zoomed"), { exact: true }), "a shared link is the same view").toBeVisible();
            await page.getByRole("button", { name: w("metrics.zoom_out") }).click();
            await expect(page).not.toHaveURL(/from=/);
        });

        test("a chart is walked, zoomed and left by keyboard", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("keys", { args: ["--cpus", "0.5"], command: BUSY });
            await open(page, `/containers/${id}?tab=metrics&range=15m`);
            const keys = page.getByRole("slider", { name: w("metrics.cpu"), exact: true });
            await expect(keys).toBeAttached(ROUNDS);
            await keys.focus();
            await page.keyboard.press("ArrowLeft");
            await expect(page.locator(".chart-cursor").first()).toBeVisible();
            await expect(page.locator(".chart-cursor").nth(1), "all charts show the moment").toBeVisible();
            await expect(keys).toHaveAttribute("aria-valuetext", new RegExp(`^\\d\\d:\\d\\d:\\d\\d, ${w("metrics.cpu_used")} [\\d.]+$`));
            const band = page.locator(".chart-band").first();
            const select = async () => {
                await page.keyboard.press("End");
                await page.keyboard.press("Shift+Home");
                return (await band.boundingBox())?.width ?? 0;
            };
            await expect.poll(select, { ...ROUNDS, message: "a few moments are selected once they were measured" }).toBeGreaterThan(2);
            await page.keyboard.press("Escape");
            await expect(band, "nothing is selected any more").toBeHidden();
            expect(await select()).toBeGreaterThan(2);
            await page.keyboard.press("Enter");
            await expect(page).toHaveURL(/from=.*&to=/);
            await expect(page.getByText(w("metrics.zoomed"), { exact: true })).toBeVisible();
            await expect(keys, "the keyboard is still there").toBeFocused();
            await page.keyboard.press("Escape");
            await expect(page).not.toHaveURL(/from=/);
        });

        test("limits and use stand on the overview, and what is stopped says so", async ({ signedIn: page, containers, w, complaints }) => {
            // The engine may know that it stopped before the page does, which asks who runs in it.
            complaints.allow(/status of 409/);
            const id = await containers.run("web", { args: ["--memory", "64m"] });
            await open(page, `/containers/${id}`);
            const use = page.locator("section").filter({ has: page.getByRole("heading", { name: w("metrics.use") }) });
            await expect(use).toContainText(/\d+ \/ 64 MiB/, ROUNDS);
            await expect(page.getByRole("img", { name: w("metrics.memory"), exact: true }).locator("svg")).toBeVisible(ROUNDS);
            await docker("kill", id);
            await open(page, `/containers/${id}?tab=metrics`);
            await expect(page.getByText(w("metrics.not_running")).first()).toBeVisible();
        });
    });
}

test("a column that is hidden asks for nothing, and who leaves the list watches nothing", async ({ signedIn: page, containers, w }) => {
    await containers.run("web");
    const sent: string[] = [];
    page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
    await open(page, `/containers?q=${containers.prefix}`);
    const watched = () => sent.filter((frame) => frame.includes('"stats"')).length;
    await expect.poll(watched, ROUNDS).toBe(1);
    const unsubscribed = () => sent.filter((frame) => frame.includes('"unsubscribe"')).length;
    const before = unsubscribed();
    await page.getByRole("navigation").getByRole("link", { name: w("nav.hosts") }).click();
    await expect.poll(unsubscribed, ROUNDS).toBeGreaterThan(before);
    expect(watched()).toBe(1);
});

test("an engine whose files can't be read tells while the page is open", async ({ fakes, start, page, context }) => {
    const engines = await fakes(1, 3);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0) });
    await signIn(context, server);
    await page.goto(`${server.url}/containers`);
    await hydrated(page);
    await expect(page.locator(".metered, .sparked").first()).toBeVisible(ROUNDS);
});
