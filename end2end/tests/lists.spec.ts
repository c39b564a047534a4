// Hosts and records: filtered, sorted, and shared by their address.
import { Api } from "../rig/api.ts";
import { until } from "../rig/until.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";

test("hosts are filtered and sorted, and a link shows the same", async ({ fakes, start, page, context, w }) => {
    const engines = await fakes(4, 2);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
    const api = await Api.of(server);
    await until("all answer", async () => (await api.get("/hosts?state=reachable&limit=1")).total === 4);
    await engines.hang(2);
    await until("one is silent", async () => (await api.get("/hosts?state=unreachable&limit=1")).total === 1);
    api.close();
    await signIn(context, server);
    await page.goto(`${server.url}/hosts`);
    await hydrated(page);
    const names = () => page.locator("tr.row td.in-title a").allInnerTexts();
    expect(await names()).toEqual(["local", "node-002", "node-003", "node-004"]);

    await page.getByRole("button", { name: w("containers.name") }).click();
    await expect.poll(names).toEqual(["local", "node-002", "node-003", "node-004"]);
    await page.getByRole("button", { name: w("containers.name") }).click();
    await expect.poll(names).toEqual(["node-004", "node-003", "node-002", "local"]);
    await expect(page).toHaveURL(/sort=-name/);

    await page.getByRole("button", { name: `${w("hosts.unreachable")} 1` }).click();
    await expect.poll(names).toEqual(["node-003"]);
    await expect(page).toHaveURL(/state=unreachable/);
    await page.reload();
    await hydrated(page);
    expect(await names()).toEqual(["node-003"]);

    await page.getByRole("combobox", { name: w("common.filter") }).fill("nothing-of-the-kind");
    await expect(page.getByText(w("hosts.no_match_text"))).toBeVisible();
    await page.getByRole("main").getByRole("button", { name: w("common.filter_clear"), exact: true }).last().click();
    await expect.poll(names).toHaveLength(4);
});

test("a record is opened, shared by its address, and narrows the list", async ({ signedIn: page, containers, server, w }) => {
    const id = await containers.run("audited");
    const api = await Api.of(server);
    await until("it is listed", async () => (await api.get(`/containers?q=${id}`)).total === 1);
    for (const verb of ["stop", "start"]) expect((await api.call("POST", `/containers/${id}/${verb}`, {})).status).toBe(200);
    api.close();
    await open(page, "/audit");
    const rows = page.getByRole("row").filter({ hasText: containers.name("audited") });
    await expect(rows).toHaveCount(2);
    await rows.last().getByRole("cell").nth(1).click();
    const panel = page.getByRole("dialog");
    await expect(panel).toContainText("container.operate stop");
    await expect(page).toHaveURL(/record=[0-9a-f-]{36}/);

    await page.reload();
    await hydrated(page);
    await expect(panel).toContainText("container.operate stop");
    await panel.getByRole("button", { name: w("audit.only_object") }).click();
    await expect(panel).toBeHidden();
    await expect(page).toHaveURL(new RegExp(`object=${id}`));
    await expect(page.getByRole("row")).toHaveCount(1 + 2);
    await page.getByRole("button", { name: w("audit.refused"), exact: true }).click();
    await expect(page.getByText(w("audit.none_text"))).toBeVisible();
});

test("the trail goes on as one reads down, tells of newer records, and leads to what they are about", async ({ fakes, start, page, context, w }) => {
    const engines = await fakes(1, 4);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0) });
    await signIn(context, server);
    const api = await Api.of(server);
    await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 4);
    const container = (await api.get("/containers?condition=running&limit=1")).items[0];
    const write = async (times: number) => {
        const headers = { "x-ecos-page": "1", origin: server.url };
        for (let i = 0; i < times; i++) {
            const kept = await context.request.patch(`${server.url}/api/v1/account`, { data: { theme: i % 2 ? "dark" : "light" }, headers });
            expect(kept.ok()).toBe(true);
        }
    };
    await write(200);
    expect((await api.call("POST", `/containers/${container.id}/stop`, {})).status).toBe(200);
    await page.goto(`${server.url}/audit`);
    await hydrated(page);
    const table = page.getByRole("table", { name: w("nav.audit") });
    const count = async () => Number(await table.getAttribute("aria-rowcount")) - 1;
    const region = page.getByRole("region", { name: w("nav.audit") });
    // The first page, and the next one as its end is near; the rest when one gets there.
    await expect.poll(count).toBe(50 + 120);
    await expect(page.locator(".page-foot")).toContainText("170+");
    await region.evaluate((box) => (box.scrollTop = box.scrollHeight));
    await expect.poll(count).toBeGreaterThan(200);
    await expect(page.locator(".page-foot")).not.toContainText("+");

    await write(3);
    const news = page.getByRole("button", { name: w("audit.fresh", { n: 3 }) });
    await expect(news).toBeVisible();
    await news.click();
    await expect(news).toBeHidden();

    await page.getByRole("combobox", { name: w("common.filter") }).fill("zzz-nothing");
    await expect(page.getByText(w("audit.none_text"))).toBeVisible();
    await page.getByRole("main").getByRole("button", { name: w("common.filter_clear"), exact: true }).last().click();
    await page.getByRole("combobox", { name: w("common.filter") }).fill(container.name);
    await page.getByRole("row").filter({ hasText: container.name }).getByRole("link", { name: container.name }).click();
    await expect(page).toHaveURL(new RegExp(`/containers/${container.id}`));
    api.close();
});

test("hidden columns are kept with the account, and the navigation counts what is there", async ({ fakes, start, page, context, browser, w }) => {
    const engines = await fakes(2, 3);
    const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
    const api = await Api.of(server);
    await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 6);
    await signIn(context, server);
    await page.goto(`${server.url}/containers`);
    await hydrated(page);
    const nav = page.getByRole("navigation", { name: w("nav.main") });
    await expect(nav.getByRole("link", { name: w("nav.containers") })).toContainText("6");
    await expect(nav.getByRole("link", { name: w("nav.hosts") })).toContainText("2");
    await engines.remove(1, 0);
    await expect(nav.getByRole("link", { name: w("nav.containers") })).toContainText("5");

    const image = page.getByRole("columnheader", { name: w("containers.image") });
    await expect(image).toBeVisible();
    await page.getByRole("button", { name: w("common.columns"), exact: true }).click();
    await page.getByRole("menuitemcheckbox", { name: w("containers.image") }).click();
    await expect(image).toHaveCount(0);
    await page.keyboard.press("Escape");

    // Another browser of the same person: the page comes so from its first line.
    const other = await browser.newContext({ baseURL: server.url });
    try {
        await signIn(other, server);
        await until("it has been kept", async () => !(await (await other.request.get("/containers")).text()).includes(`>${w("containers.image")}<`));
        const elsewhere = await other.newPage();
        await elsewhere.goto("/containers");
        await hydrated(elsewhere);
        await expect(elsewhere.getByRole("columnheader", { name: w("containers.image") })).toHaveCount(0);
        await elsewhere.getByRole("button", { name: w("common.columns"), exact: true }).click();
        await elsewhere.getByRole("menuitem", { name: w("common.columns_reset") }).click();
        await expect(elsewhere.getByRole("columnheader", { name: w("containers.image") })).toBeVisible();
    } finally {
        await other.close();
    }
    api.close();
});

test("pages that are asked for at once all come whole", async ({ server }) => {
    const api = await Api.of(server);
    api.close();
    const paths = ["/containers", "/hosts", "/audit", "/"];
    const nonces = new Set<string>();
    const reader = async (path: string) => {
        for (let i = 0; i < 40; i++) {
            const page = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${api.token}` } });
            const nonce = page.headers.get("content-security-policy")?.match(/'nonce-([^']+)'/)?.[1];
            const html = await page.text();
            expect(page.status, path).toBe(200);
            expect(html.includes("</html>") && nonce && html.includes(`nonce="${nonce}"`), path).toBeTruthy();
            nonces.add(nonce!);
        }
    };
    await Promise.all([...paths, ...paths].map(reader));
    expect(nonces.size).toBe(320);
});
