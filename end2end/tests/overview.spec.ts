// The overview and a host's page: nothing there yet, what needs somebody, what happened, and what stays in place while things change.
import { Api } from "../rig/api.ts";
import { ADMIN } from "../rig/server.ts";
import { expect, hydrated, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { LANGUAGES } from "../rig/words.ts";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("without an engine the first page says why and what to do", async ({ start, context, page, w }) => {
            const server = await start({ admin: true, dockerHost: "unix:///nowhere/docker.sock" });
            await signIn(context, server, language);
            await page.goto(server.url);
            await hydrated(page);
            const main = page.getByRole("main");
            await expect(main.getByRole("heading", { name: w("overview.no_engine") })).toBeVisible();
            await expect(main.getByText(w("hosts.cause_no_socket")).first()).toBeVisible();
            await expect(main.getByText(w("overview.no_engine_text"))).toBeVisible();
            await expect(main.getByText(w("overview.not_connected"))).toBeVisible();
            await expect(main.getByText(w("overview.all_connected"))).toHaveCount(0);
            await expect(main.getByText(w("overview.connected"), { exact: true })).toHaveCount(0);
        });

        test("what needs attention says why, and what happened says what was done", async ({ fakes, start, context, page, w }) => {
            const engines = await fakes(2, 20);
            const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
            const api = await Api.of(server);
            await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 40);
            const [stopped, looping] = [
                (await api.get("/containers?condition=running&host=local&limit=1")).items[0],
                (await api.get("/containers?condition=trouble&host=local&limit=1")).items[0],
            ];
            expect((await api.call("POST", `/containers/${stopped.id}/stop`, {})).status).toBe(200);
            const { id: outside } = await engines.touch(0, 0);
            const started = (await api.get(`/containers/${outside}`)).name as string;
            await engines.hang(1);
            await until("one is silent", async () => (await api.get("/hosts?state=unreachable&limit=1")).total === 1);
            api.close();
            await signIn(context, server, language);
            await page.goto(server.url);
            await hydrated(page);

            const attention = page.getByRole("table", { name: w("overview.attention") });
            const silent = attention.getByRole("row").filter({ hasText: "node-002" });
            await expect(silent).toContainText(w("overview.host_unreachable"));
            await expect(silent).toContainText(w("hosts.cause_timeout"));
            await expect(attention.getByRole("row").filter({ hasText: looping.name })).toContainText(w("containers.oom"));
            await expect(page.getByRole("main").getByText(w("overview.hosts_down", { n: 1 }))).toBeVisible();

            const lines = page.getByRole("main").getByRole("listitem");
            await expect(lines.filter({ hasText: ADMIN.username }).filter({ hasText: stopped.name })).toContainText(w("deeds.stopped"));
            await expect(lines.filter({ hasText: w("events.outside") }).filter({ hasText: started })).toContainText(w("deeds.started"));

            await silent.getByRole("link").click();
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("node-002");
        });

        test("whoever has one host sees the compose groups, and a link to all", async ({ fakes, start, context, page, w }) => {
            const engines = await fakes(1, 60);
            const server = await start({ admin: true, dockerHost: engines.endpoint(0) });
            const api = await Api.of(server);
            await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 60);
            const { groups } = await api.get("/containers?group=application&limit=1");
            api.close();
            await signIn(context, server, language);
            await page.goto(server.url);
            await hydrated(page);
            const table = page.getByRole("table", { name: w("nav.containers") });
            await expect(table.locator("tr.group").first()).toContainText(groups[0].label);
            await expect(table.locator("tr.row")).toHaveCount(50);
            // No head without rows below it.
            expect(await table.locator("tr.group + tr.group, tr.group:last-child").count()).toBe(0);
            await expect(page.getByText(w("overview.connected"), { exact: true })).toBeVisible();

            await engines.hang(0);
            await expect(table.locator("tr.row.stale")).toHaveCount(50);
            await expect(table.locator("tr.row.stale time").first()).toBeVisible();
            await expect(page.getByText(w("overview.not_connected"))).toBeVisible();
            await page.getByRole("main").getByRole("link", { name: w("overview.all_containers", { n: 60 }) }).click();
            await expect(page).toHaveURL(/\/containers$/);
        });
    });
}

test("older events stay open while containers change, and newer ones are announced", async ({ fakes, start, context, page, w, complaints }) => {
    const engines = await fakes(2, 4);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
    const api = await Api.of(server);
    await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 8);
    const host = (await api.get("/hosts?q=local")).items[0].id as string;
    const kept = async () => (await api.get(`/events?host_id=${host}&limit=200`)).items.length as number;
    for (let i = 0; i < 70; i++) await engines.touch(0, i % 4);
    await until("they are kept", async () => (await kept()) >= 70);
    await signIn(context, server);
    await page.goto(`${server.url}/hosts/${host}`);
    await hydrated(page);
    const rows = page.getByRole("table", { name: w("nav.events") }).locator("tr.row");
    await expect(rows).toHaveCount(50);

    await test.step("what fails says so, and a second try brings each event once", async () => {
        complaints.allow(/status of 503|ERR_FAILED/);
        await page.route(/\/api\/v1\/events\?.*cursor=/, (route) => route.abort());
        await page.getByRole("button", { name: w("containers.older") }).click();
        await expect(page.getByText(w("problems.offline"))).toBeVisible();
        await page.unroute(/\/api\/v1\/events\?.*cursor=/);
        await page.getByRole("button", { name: w("containers.older") }).dblclick();
        await expect(page.getByText(w("problems.offline"))).toBeHidden();
        await expect(rows).toHaveCount(await kept());
    });
    const all = await rows.count();
    expect(all).toBeGreaterThan(50);

    await test.step("a change on another host leaves all as it is", async () => {
        const asked = page.waitForResponse((r) => r.url().endsWith(`/api/v1/hosts/${host}`));
        await engines.touch(1, 0);
        await asked;
        await expect(rows).toHaveCount(all);
    });
    await test.step("a change here is announced, and shown when asked for", async () => {
        await engines.touch(0, 1);
        const news = page.getByRole("button", { name: w("events.fresh", { n: 1 }) });
        await expect(news).toBeVisible();
        await expect(rows).toHaveCount(all);
        await news.click();
        await expect(rows).toHaveCount(all + 1);
        await expect(news).toBeHidden();
    });
    api.close();
});
