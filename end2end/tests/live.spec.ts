// What happens outside of the console shows by itself, within a second.
import { docker } from "../rig/docker.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";

const SOON = { timeout: 1_000 };

test("a container that is started, stopped and removed with docker shows within a second", async ({ signedIn: page, containers }) => {
    await open(page, `/containers?q=${containers.prefix}`);
    await expect(page.getByRole("link", { name: containers.name("web"), exact: true })).toHaveCount(0);

    await containers.run("web");
    const link = page.getByRole("link", { name: containers.name("web"), exact: true });
    await expect(link).toBeVisible(SOON);
    const row = page.getByRole("row").filter({ has: link });
    const running = await row.innerText();

    await docker("kill", containers.name("web"));
    await expect.poll(() => row.innerText(), { ...SOON, intervals: [20] }).not.toBe(running);
    await expect(row).toContainText("137");

    await docker("rm", containers.name("web"));
    await expect(link).toHaveCount(0, SOON);
});

test("a container's page follows it and keeps what is open", async ({ signedIn: page, containers, w, complaints }) => {
    const id = await containers.run("followed");
    await open(page, `/containers/${id}`);
    const state = page.getByRole("main").locator("header").getByText(w("containers.running"), { exact: true });
    await expect(state).toBeVisible();
    await page.getByRole("main").getByRole("button", { name: w("common.more") }).click();
    const item = page.getByRole("menuitem", { name: w("containers.remove_ask") });
    await expect(item).toBeVisible();

    await docker("kill", containers.name("followed"));
    await expect(state).toBeHidden(SOON);
    await expect(page.getByRole("main").locator("header")).toContainText("137");
    await expect(item).toBeVisible();
    await page.keyboard.press("Escape");

    complaints.allow(/status of 404/);
    await docker("rm", containers.name("followed"));
    await expect(page.getByText(w("containers.gone"), { exact: true })).toBeVisible(SOON);
    const restart = page.getByRole("main").getByRole("button", { name: w("containers.restart"), exact: true });
    await expect(restart).toHaveAttribute("aria-disabled", "true");
    await expect(restart).toHaveAttribute("aria-description", w("containers.because_gone"));
    await expect(page.getByRole("heading", { level: 1 })).toContainText(containers.name("followed"));
});

test("a host that stops answering is told with its cause, stays readable, and recovers by itself", async ({ fakes, start, page, context, w }) => {
    const engines = await fakes(2, 6);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
    await signIn(context, server);
    await page.goto(`${server.url}/hosts`);
    await hydrated(page);
    const row = page.getByRole("row").filter({ hasText: "node-002" });
    await expect(row).toBeVisible();
    await expect.poll(() => row.innerText()).toContain("20.10.24");
    await expect(row).toContainText(w("hosts.connected"));

    await engines.hang(1);
    await expect(row).toContainText(w("hosts.unreachable"), { timeout: 8_000 });
    await expect(row).toContainText(w("hosts.cause_timeout"));
    const begun = Date.now();
    await page.goto(`${server.url}/containers?group=host`);
    await hydrated(page);
    expect(Date.now() - begun, "the list with a silent host").toBeLessThan(3_000);
    await expect(page.getByText("node-002").first()).toBeVisible();

    await engines.wake(1);
    await page.goto(`${server.url}/hosts`);
    await expect(row).toContainText(w("hosts.connected"), { timeout: 8_000 });
});

test("losing the console shows one quiet bar, and its return takes it away", async ({ start, page, context, w, complaints }) => {
    complaints.allow(/ERR_CONNECTION|WebSocket|Failed to load resource|ERR_EMPTY_RESPONSE/);
    const server = await start({ admin: true });
    await signIn(context, server);
    await page.goto(`${server.url}/containers`);
    await hydrated(page);
    const bar = page.getByText(w("common.connection_lost"));
    await expect(bar).toBeHidden();
    await server.halt();
    await expect(bar).toBeVisible();
    await server.run();
    await expect(bar).toBeHidden({ timeout: 20_000 });
});

test("fifty tabs come back after a restart, and each asks once for what it may have missed", async ({ fakes, start, page, context, complaints, w }) => {
    test.setTimeout(300_000);
    const TABS = 50;
    // Few: what fifty tabs paint each second of many would be all that two cores can do.
    const engines = await fakes(1, 4);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0) });
    // A console that is away is what this is about.
    complaints.allow(/WebSocket connection|ERR_CONNECTION_REFUSED|Failed to fetch|status of 503/);
    await signIn(context, server);
    const tabs = [page];
    while (tabs.length < TABS) tabs.push(await context.newPage());
    for (const tab of tabs) {
        await tab.goto(`${server.url}/containers`);
        await hydrated(tab);
    }
    const mark = (tab: typeof page) => tab.locator(".page-foot").getByText(w("common.live"), { exact: true });
    const live = (tab: typeof page) => expect(mark(tab)).toBeVisible({ timeout: 60_000 });
    for (const tab of tabs) await live(tab);
    const asked = new Map<string, number>();
    const answers = new Map<number, number>();
    context.on("request", (request) => {
        const path = new URL(request.url()).pathname;
        if (path.startsWith("/api/")) asked.set(path, (asked.get(path) ?? 0) + 1);
    });
    context.on("response", (response) => answers.set(response.status(), (answers.get(response.status()) ?? 0) + 1));
    await server.halt();
    for (const tab of tabs) await expect(mark(tab)).toBeHidden({ timeout: 60_000 });
    await server.run();
    for (const tab of tabs) await live(tab);
    // All have heard that they may have missed something; what they ask then is the list, the counts, and no more.
    await expect.poll(() => asked.get("/api/v1/containers") ?? 0, { timeout: 60_000 }).toBeGreaterThanOrEqual(TABS);
    await engines.touch(0, 0);
    await expect.poll(() => asked.get("/api/v1/containers") ?? 0, { timeout: 60_000 }).toBeGreaterThanOrEqual(2 * TABS);
    expect(asked.get("/api/v1/containers")).toBeLessThanOrEqual(4 * TABS);
    expect(answers.get(429) ?? 0, "nobody was turned away").toBe(0);
    expect(answers.get(503) ?? 0, "nobody was turned away").toBe(0);
});
