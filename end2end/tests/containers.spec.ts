// The list of containers: narrowed, grouped, folded, sorted, exported, and many of it worked on at once.
import { readFile } from "node:fs/promises";

import { Api } from "../rig/api.ts";
import { docker } from "../rig/docker.ts";
import { until } from "../rig/until.ts";
import { expect, hydrated, open, signIn, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

/** Engines of the test's own, all listed, with the list open. */
const fleet = test.extend<{ fleet: (hosts: number, perHost: number, path?: string) => Promise<Api> }>({
    fleet: async ({ fakes, start, page, context, language }, use) => {
        let api: Api | undefined;
        await use(async (hosts, perHost, path = "/containers") => {
            const engines = await fakes(hosts, perHost);
            const server = await start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
            const own = (api = await Api.of(server));
            await until("all is listed", async () => (await own.get("/containers?limit=1")).total === hosts * perHost);
            await signIn(context, server, language);
            await page.goto(server.url + path);
            await hydrated(page);
            return own;
        });
        api?.close();
    },
});

fleet("chips, groups, folding and the head's sorting shape the list, and its address keeps them", async ({ fleet, page, w }) => {
    const api = await fleet(1, 44);
    const { counts } = await api.get("/containers?limit=1");
    const names = () => page.locator("tr.row td.in-title a").allInnerTexts();
    const said = (n: number) => page.getByText(w("containers.sub", { n }), { exact: true });

    await page.getByRole("button", { name: `${w("containers.stopped")} ${counts.stopped}` }).click();
    await expect(page).toHaveURL(/condition=stopped/);
    await expect(said(counts.stopped)).toBeVisible();
    await expect(page.locator("tr.row").filter({ hasText: w("containers.running") })).toHaveCount(0);
    await page.getByRole("button", { name: `${w("containers.all")} 44` }).click();
    await expect(said(44)).toBeVisible();

    const by = (key: string) => page.getByRole("group", { name: w("containers.group_by") }).getByRole("button", { name: w(key), exact: true });
    await by("containers.by_host").click();
    await expect(page).toHaveURL(/group=host/);
    const toggle = page.getByRole("button", { name: `${w("common.members")}: local` });
    await expect(toggle).toHaveAttribute("aria-expanded", "true");
    await toggle.click();
    await expect(toggle).toHaveAttribute("aria-expanded", "false");
    await expect(page.locator("tr.row")).toHaveCount(0);
    await expect(page).toHaveURL(/collapsed=/);
    await page.reload();
    await hydrated(page);
    await expect(page.locator("tr.row")).toHaveCount(0);
    await toggle.click();
    await expect(page.locator("tr.row").first()).toBeVisible();

    await by("containers.by_none").click();
    await expect(page.locator("tr.group")).toHaveCount(0);
    const head = page.getByRole("columnheader", { name: w("containers.name") });
    for (const [sort, direction] of [["name", "ascending"], ["-name", "descending"]]) {
        await head.getByRole("button").click();
        await expect(head).toHaveAttribute("aria-sort", direction!);
        const wanted = (await api.get(`/containers?sort=${sort}&limit=10`)).items.map((c: { name: string }) => c.name);
        await expect.poll(async () => (await names()).slice(0, 10)).toEqual(wanted);
        await expect(page).toHaveURL(new RegExp(`sort=${sort}$`));
    }
});

fleet("what matches is exported as CSV, that of folded groups too", async ({ fleet, page, w }) => {
    const api = await fleet(1, 44, "/containers?condition=stopped&group=host");
    const { counts, groups } = await api.get("/containers?condition=stopped&group=host&limit=1");
    await page.getByRole("button", { name: `${w("common.members")}: ${groups[0].label}` }).click();
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: w("containers.export"), exact: true }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe("containers.csv");
    const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
    expect(lines[0]).toContain("state,name,image,host");
    expect(lines).toHaveLength(1 + counts.stopped);
    expect(lines.slice(1).every((line) => line.startsWith("stopped,"))).toBe(true);
});

fleet("“select all” selects what matches, not what has come, and says where it ends", async ({ fleet, page, w }) => {
    const api = await fleet(2, 600);
    const { counts } = await api.get("/containers?limit=1");
    const all = page.getByRole("checkbox", { name: w("common.select_all") });
    await all.click();
    await expect(page.getByText(w("common.selected", { n: 1000 }))).toBeVisible();
    await expect(page.getByText(w("containers.first_selected", { n: "1,000", total: "1,200" }))).toBeVisible();
    await expect(all).not.toBeChecked();
    await all.click();
    await expect(page.getByText(w("common.selected", { n: 1000 }))).toBeHidden();

    await page.getByRole("button", { name: `${w("containers.stopped")} ${counts.stopped}` }).click();
    await expect(page.getByText(w("containers.sub", { n: counts.stopped }))).toBeVisible();
    await all.click();
    await expect(page.getByText(w("common.selected", { n: counts.stopped }))).toBeVisible();
    await expect(all).toBeChecked();
    const stop = page.getByRole("button", { name: w("containers.n_selected", { verb: w("containers.stop"), n: counts.stopped }) });
    await expect(stop).toHaveAttribute("aria-disabled", "true");
    await expect(stop).toHaveAttribute("aria-description", w("containers.because_stopped"));
    await page.keyboard.press("Escape");
    await expect(all).not.toBeChecked();
});

fleet("a group is stopped, its result listed, and then its button says why not again", async ({ fleet, page, w }) => {
    const api = await fleet(1, 12);
    const { groups } = await api.get("/containers?group=application&limit=1");
    const group = groups.find((g: { kind: string; count: number }) => g.kind === "compose" && g.count === 4);
    const stop = page.getByRole("button", { name: w("common.of_what", { what: w("containers.stop"), name: group.label }) });
    const row = page.locator("tr.row").first();
    await row.getByRole("checkbox").check();
    await stop.click();
    const dialog = page.getByRole("dialog");
    const names = dialog.locator(".names li");
    await expect(names.nth(1)).toBeVisible();
    const n = await names.count();
    await expect(dialog).toContainText(w("containers.ask_many", { verb: w("containers.stop"), n }));
    await dialog.getByRole("button", { name: w("containers.stop"), exact: true }).click();
    const bar = page.getByRole("region", { name: w("common.select"), exact: true });
    await expect(bar).toContainText(w("containers.bulk_done", { done: n, total: n, what: w("containers.stopped_done") }));
    // What was selected has nothing to do with it.
    await expect(bar).toContainText(w("common.selected", { n: 1 }));
    await bar.getByRole("button", { name: w("common.results") }).click();
    await expect(dialog.getByRole("listitem").filter({ hasText: w("containers.stopped_done") })).toHaveCount(n);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(stop).toHaveAttribute("aria-disabled", "true");
    await expect(stop).toHaveAttribute("aria-description", w("containers.because_stopped"));
    await row.getByRole("checkbox").uncheck();
    await expect(bar).toBeHidden();
});

fleet("a list that could not be fetched says why, under which request, and asks once more", async ({ fleet, page, w, complaints }) => {
    complaints.allow(/status of 500/);
    const api = await fleet(1, 12);
    const { counts } = await api.get("/containers?limit=1");
    const problem = { type: "about:blank", title: "Internal", status: 500, code: "internal", detail: "x", errors: [], request_id: "req-4711" };
    const lists = /\/api\/v1\/containers\?/;
    await page.route(lists, (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }));
    await page.getByRole("button", { name: `${w("containers.stopped")} ${counts.stopped}` }).click();
    const failed = page.locator(".list-failed");
    await expect(failed).toContainText(w("common.list_failed", { why: w("problems.internal") }));
    await expect(failed).toContainText("req-4711");
    await expect(page.locator("tr.row").first()).toBeVisible();
    await page.unroute(lists);
    await failed.getByRole("button", { name: w("common.retry") }).click();
    await expect(failed).toBeHidden();
    await expect(page.getByText(w("containers.sub", { n: counts.stopped }))).toBeVisible();
});

fleet("rows, boxes and menus are called by names, ports lead to the host, and a menu says why not", async ({ fleet, page, w }) => {
    const api = await fleet(1, 24, "/containers?group=none&sort=name");
    const { items } = await api.get("/containers?sort=name&limit=50");
    const published = items.find((c: { ports: unknown[] }) => c.ports.length);
    const link = page.getByRole("row").filter({ hasText: published.name }).first().locator("a.port");
    await expect(link).toHaveAttribute("href", `http://127.0.0.1:${published.ports[0].host_port}/`);
    await expect(link).toHaveAttribute("target", "_blank");
    await expect(link).toHaveAttribute("rel", /noopener/);

    const stopped = items.find((c: { condition: string }) => c.condition === "stopped");
    await expect(page.getByRole("checkbox", { name: w("common.select_named", { name: stopped.name }), exact: true })).toBeVisible();
    const more = page.getByRole("button", { name: w("common.of_what", { what: w("common.more"), name: stopped.name }), exact: true });
    await expect(more).toHaveAttribute("aria-haspopup", "menu");
    await more.click();
    const entry = page.getByRole("menuitem", { name: w("containers.stop"), exact: true });
    await expect(entry.getByText(w("containers.because_stopped"))).toBeVisible();
});

test("the keys' place stays with its container when the order changes, and with none when that is gone", async ({ signedIn: page, containers, w }) => {
    for (const name of ["a", "b", "c"]) await containers.run(name);
    await open(page, `/containers?q=${containers.prefix}&sort=name&group=none`);
    const current = page.locator("tr[aria-current]");
    const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name: containers.name(name), exact: true }) });
    await expect(row("c")).toBeVisible();
    await page.keyboard.press("j");
    await expect(current).toContainText(containers.name("a"));
    await docker("rename", containers.name("a"), containers.name("z"));
    await expect(row("z")).toHaveAttribute("aria-current", "true");
    await expect(row("b")).toHaveAttribute("aria-rowindex", "2");
    await page.keyboard.press("x");
    await expect(row("z")).toHaveAttribute("aria-selected", "true");
    await expect(row("b")).toHaveAttribute("aria-selected", "false");
    await page.keyboard.press("Escape");

    await docker("rm", "-f", containers.name("z"));
    await expect(row("z")).toHaveCount(0);
    await page.keyboard.press("x");
    await expect(page.getByText(w("common.selected", { n: 1 }))).toBeHidden();
});

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("how far a group's stop is can be seen", async ({ signedIn: page, containers, w }) => {
            // They do not listen to the signal: each takes its whole grace.
            const labels = { "com.docker.compose.project": containers.prefix };
            for (const name of ["a", "b"]) await containers.run(name, { labels, args: ["--stop-timeout", "2"], command: ["sleep", "3600"] });
            await open(page, `/containers?compose=${containers.prefix}`);
            await page.getByRole("button", { name: w("common.of_what", { what: w("containers.stop"), name: containers.prefix }) }).click();
            await page.getByRole("dialog").getByRole("button", { name: w("containers.stop"), exact: true }).click();
            const bar = page.getByRole("region", { name: w("common.select"), exact: true });
            await expect(bar).toContainText(w("containers.bulk_running", { verb: w("containers.stop"), done: 0, total: 2 }));
            await expect(bar).toContainText(w("containers.bulk_done", { done: 2, total: 2, what: w("containers.stopped_done") }));
            await page.keyboard.press("Escape");
            await expect(bar).toBeHidden();
        });

        test("each of many has its result and its reason, and what is selected is as it is now", async ({ signedIn: page, containers, w }) => {
            for (const name of ["a", "b", "c"]) await containers.run(name);
            await open(page, `/containers?q=${containers.prefix}`);
            for (const name of ["a", "b", "c"]) {
                await page.getByRole("checkbox", { name: w("common.select_named", { name: containers.name(name) }), exact: true }).check();
            }
            await docker("rm", "-f", containers.name("b"));
            await page.getByRole("button", { name: w("containers.n_selected", { verb: w("containers.stop"), n: 3 }) }).click();
            const bar = page.getByRole("region", { name: w("common.select"), exact: true });
            await expect(bar).toContainText(w("containers.bulk_failed", { failed: 1, total: 3 }));
            await bar.getByRole("button", { name: w("common.results") }).click();
            const dialog = page.getByRole("dialog");
            await expect(dialog.getByRole("listitem")).toHaveCount(3);
            await expect(dialog.getByRole("listitem").first()).toContainText(containers.name("b"));
            await expect(dialog.getByRole("listitem").first()).toContainText(w("problems.not_found"));
            await page.keyboard.press("Escape");

            // What is gone is not selected any more; the others are known to be stopped.
            await expect(bar).toContainText(w("common.selected", { n: 2 }));
            await expect(page.locator("tr.row").filter({ hasText: w("containers.exited", { code: 0 }) })).toHaveCount(2);
            await bar.getByRole("button", { name: w("containers.remove_ask") }).click();
            await expect(dialog.getByText(w("containers.remove_texts"), { exact: true })).toBeVisible();
            await dialog.getByRole("button", { name: w("containers.remove"), exact: true }).click();
            await expect(bar).toContainText(w("containers.bulk_done", { done: 2, total: 2, what: w("containers.removed") }));
            await expect.poll(() => docker("ps", "-aq", "--filter", `name=${containers.prefix}`)).toBe("");
            await bar.getByRole("button", { name: w("common.selection_clear") }).click();
            await expect(bar).toBeHidden();
        });

        test("a filter is written in the reader's words, and kept in the address as it is", async ({ signedIn: page, w }) => {
            await open(page, "/containers");
            const field = page.getByRole("combobox", { name: w("common.filter") });
            await field.fill(`${w("containers.key_image")}:busybox `);
            const token = page.locator(".filter-token");
            await expect(token).toHaveText(`${w("containers.key_image")}:busybox`);
            await expect(page).toHaveURL(/[?&]image=busybox/);
            await field.pressSequentially("host:local ");
            await expect(token.last()).toHaveText(`${w("containers.key_host")}:local`);
            await page.reload();
            await hydrated(page);
            await expect(token.first()).toHaveText(`${w("containers.key_host")}:local`);
        });
    });
}
