// Takes a picture of what people do with containers, on the real engine: logs, metrics, terminal, files, forms, palette.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, type Page } from "@playwright/test";

import { Api } from "../rig/api.ts";
import { Containers, IMAGE, docker } from "../rig/docker.ts";
import { Server } from "../rig/server.ts";
import { hydrated, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { LANGUAGES, words } from "../rig/words.ts";

const OUT = process.env.SCREENS_OUT ?? fileURLToPath(new URL("../.out/screens", import.meta.url));
const wanted = (state: string) => !process.env.SCREENS_STATES || process.env.SCREENS_STATES.split(/[ ,]+/).includes(state);

/** Lines as servers write them: plain and JSON, in colours, each second some, an error now and then. */
const API = [
    "n=0; while :; do n=$((n + 1));",
    "echo \"$(date +%T) INFO  request method=POST path=/v1/payments status=201 took=12ms id=req-$n\";",
    "[ $((n % 4)) = 0 ] && echo '{\"level\":\"warn\",\"msg\":\"slow query\",\"table\":\"payments\",\"took_ms\":412,\"rows\":1200}';",
    "[ $((n % 7)) = 0 ] && printf '\\033[31mERROR\\033[0m upstream \\033[1mledger\\033[0m refused: connect ECONNREFUSED 10.2.0.14:8080\\n' >&2;",
    "usleep 300000; done",
].join(" ");
const WORKER = "n=0; while :; do n=$((n + 1)); echo \"level=debug msg=polled queue=settlements depth=$((n % 9))\"; [ $((n % 5)) = 0 ] && echo 'level=info msg=\"settled batch\" batch=0471 items=128'; usleep 700000; done";
const BUSY = "while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; head -c 200000 /dev/zero > /tmp/x; usleep 200000; done";

if (wanted("work")) {
    test("screens: work", async ({ browser }) => {
        const containers = new Containers();
        const server = await Server.start({ admin: true });
        const api = await Api.of(server);
        try {
            const labels = { "com.docker.compose.project": "payments" };
            const one = await containers.run("api", { labels, command: ["sh", "-c", API], args: ["--memory", "256m", "--cpus", "0.5", "-e", "DB_PASSWORD=an-example", "--cap-add", "SYS_ADMIN"] });
            const two = await containers.run("worker", { labels, command: ["sh", "-c", WORKER] });
            const busy = await containers.run("batch", { labels, command: ["sh", "-c", BUSY], args: ["--memory", "64m", "--cpus", "0.3"] });
            await docker("exec", one, "sh", "-c", "mkdir -p /srv/app/conf.d && echo 'listen: 8080' > /srv/app/app.yml && touch /srv/app/conf.d/a.yml && seq 20000 > /srv/app/data.csv");
            await until("all are listed", async () => (await api.get(`/containers?limit=1&q=${containers.prefix}`)).total === 3);
            const host = (await api.get("/hosts?limit=1")).items[0].id;
            await api.call("POST", `/containers/${two}/restart`);
            // Two rounds of samples, so that there are charts.
            await until("there are figures", async () => ((await api.get(`/containers/${busy}/stats?history=15m`)).history?.cpu_millicores ?? []).filter((v: number | null) => v !== null).length >= 3, 60_000);
            // An exception, and an operation that failed: the image is in no registry.
            const admin = await browser.newContext({ baseURL: server.url });
            await signIn(admin, server);
            const headers = { "x-ecos-page": "1", origin: server.url };
            const exception = { container: containers.name("api"), code: "capability", value: "SYS_ADMIN", reason: "mounts its own disks", days: 30 };
            const kept = await admin.request.post(`${server.url}/api/v1/policy/exceptions`, { data: exception, headers });
            expect(kept.ok(), await kept.text()).toBe(true);
            await admin.close();
            const begun = await api.call("POST", "/containers/recreate", { items: [{ host_id: host, id: two }], pull: "always" });
            const pulled = JSON.parse(begun.text).id;
            await until("it ends", async () => (await api.get(`/operations/${pulled}`)).state !== "running", 60_000);
            for (const language of LANGUAGES) {
                const w = words(language);
                for (const theme of ["light", "dark"] as const) {
                    for (const width of [1440, 390]) {
                        const viewport = { width, height: width === 390 ? 844 : 900 };
                        const context = await browser.newContext({ baseURL: server.url, locale: language, colorScheme: theme, viewport, timezoneId: "Asia/Shanghai" });
                        await signIn(context, server, language);
                        const page = await context.newPage();
                        const shoot = async (name: string) => {
                            mkdirSync(`${OUT}/work`, { recursive: true });
                            await page.screenshot({ path: `${OUT}/work/${name}-${language}-${theme}-${width}.png` });
                        };
                        const go = async (path: string, ready: string, name: string) => {
                            await page.goto(path);
                            await hydrated(page);
                            await page.locator(ready).first().waitFor();
                            await shoot(name);
                        };
                        await go(`/containers?q=${containers.prefix}`, width === 390 ? "tr.row" : "tr.row .sparked", "containers");
                        await go(`/containers/${one}`, ".chart-svg", "container");
                        await go(`/containers/${one}?tab=logs`, ".log-row", "container-logs");
                        await go(`/containers/${busy}?tab=metrics`, ".chart-svg", "container-metrics");
                        await go(`/containers/${one}?tab=files&path=/srv/app`, "text=app.yml", "container-files");
                        await go(`/containers/${one}?tab=files&path=/srv/app&file=app.yml`, "pre.files-text", "container-file");
                        await go(`/containers/${two}?tab=events`, "main", "container-events");
                        await go(`/containers/${one}?tab=inspect`, ".json-key", "container-inspect");
                        await page.getByRole("main").getByRole("button", { name: w("containers.reveal"), exact: true }).click();
                        await page.getByText("an-example").first().waitFor();
                        await shoot("container-revealed");
                        await go(`/containers/${one}?tab=files&show=changes`, "table", "container-changes");
                        await go(`/logs?name=${containers.name("api")}&name=${containers.name("worker")}`, ".log-row", "logs-begin");
                        await page.waitForTimeout(1_500);
                        await shoot("logs");
                        await go("/policy", "main", "policy");
                        await go(`/operations/${pulled}`, "main", "operation");
                        await terminal(page, one, w("terminal.open"));
                        await shoot("container-terminal");
                        await page.getByRole("button", { name: w("terminal.end"), exact: true }).click();
                        await go("/operations", "main", "operations");
                        await go("/containers", "tr.row", "before-create");
                        await page.getByRole("button", { name: w("create.open"), exact: true }).click();
                        const panel = page.getByRole("dialog", { name: w("create.title") });
                        await panel.getByLabel(w("containers.image"), { exact: true }).fill(IMAGE);
                        await shoot("create");
                        await page.keyboard.press("Escape");
                        await page.getByRole("main").getByRole("button", { name: w("views.title"), exact: true }).click();
                        await page.getByRole("dialog", { name: w("views.saved") }).waitFor();
                        await shoot("views");
                        await page.keyboard.press("Escape");
                        if (width !== 390) {
                            await page.getByRole("checkbox", { name: w("common.select_all"), exact: true }).click();
                            await page.locator(".bulk").waitFor();
                            await shoot("bulk");
                        }
                        await page.goto("/");
                        await hydrated(page);
                        await page.keyboard.press("Control+k");
                        const field = page.getByRole("combobox", { name: w("palette.label") });
                        await field.fill(containers.prefix);
                        await expect(page.getByRole("listbox").getByRole("option").first()).toBeVisible();
                        await shoot("palette");
                        await context.close();
                    }
                }
            }
        } finally {
            api.close();
            await server.stop();
            await containers.removeAll();
        }
    });
}

async function terminal(page: Page, id: string, open: string): Promise<void> {
    await page.goto(`/containers/${id}?tab=terminal`);
    await hydrated(page);
    await expect(page.getByText(open, { exact: true })).toBeVisible();
    await page.keyboard.type("cat /srv/app/app.yml; ls -l /srv/app\n");
    await expect(page.locator(".xterm-rows")).toContainText("data.csv");
}
