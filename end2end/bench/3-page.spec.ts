// What a person waits for: the first load over a slow line, a change reaching the page, a filter being painted. On fake engines.
import type { Browser, BrowserContext, Page } from "@playwright/test";

import { Api } from "../rig/api.ts";
import { FakeEngines } from "../rig/fake-engines.ts";
import { ms, quantile, row } from "../rig/measure.ts";
import { Server } from "../rig/server.ts";
import { expect, hydrated, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { words } from "../rig/words.ts";

const ROUNDS = 9;

test("first load of the list, 200 containers, 10 Mbit/s and 20 ms", async ({ browser }) => {
    const engines = await FakeEngines.start(1, 200);
    // Over TLS, as it is used.
    const server = await Server.start({ admin: true, dockerHost: engines.endpoint(0), env: { ECOS_TLS: "auto" } });
    try {
        const loads: Awaited<ReturnType<typeof load>>[] = [];
        for (let i = 0; i < ROUNDS; i++) loads.push(await load(browser, server, "/containers"));
        const of = (key: "visible" | "interactive" | "bytes") => quantile(loads.map((l) => l[key]), 0.5);
        const kb = of("bytes") / 1000;
        row("first load, cold, 10 Mbit/s + 20 ms, TLS: list visible", ms(of("visible")), "≤ 500 ms", of("visible") <= 500);
        row("… interactive", ms(of("interactive")), "≤ 1,000 ms", of("interactive") <= 1000);
        row("… in all", `${kb.toFixed(0)} KB`, "≤ 280 KB", kb <= 280);
    } finally {
        await server.stop();
        await engines.stop();
    }
});

/** Loads a page in a browser that has nothing of it. Times are in milliseconds since the navigation began. */
async function load(browser: Browser, server: Server, path: string) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: server.url });
    try {
        await signIn(context, server);
        const page = await context.newPage();
        await page.addInitScript(() => {
            new MutationObserver((_all, self) => {
                if (!document.documentElement?.hasAttribute("data-hydrated")) return;
                performance.mark("hydrated");
                self.disconnect();
            }).observe(document, { attributes: true, subtree: true, childList: true });
        });
        const session = await context.newCDPSession(page);
        await session.send("Network.enable");
        await session.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 });
        let bytes = 0;
        session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
        await page.goto(path);
        await hydrated(page);
        await page.waitForLoadState("networkidle");
        expect(await page.getByRole("row").count()).toBeGreaterThan(10);
        const times = await page.evaluate(() => ({
            visible: performance.getEntriesByName("first-contentful-paint")[0]!.startTime,
            interactive: performance.getEntriesByName("hydrated")[0]!.startTime,
        }));
        return { ...times, bytes };
    } finally {
        await context.close();
    }
}

test("300 engines, 6,000 containers: what is painted when", async ({ browser }) => {
    const engines = await FakeEngines.start(300, 20);
    const server = await Server.start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
    const api = await Api.of(server);
    const context = await browser.newContext({ baseURL: server.url });
    try {
        await until("all is listed", async () => (await api.get("/containers?limit=1")).total === 6_000, 60_000);
        await signIn(context, server);
        const page = await context.newPage();
        await events(page, engines);
        await filters(context, page, api);
    } finally {
        await context.close();
        api.close();
        await server.stop();
        await engines.stop();
    }
});

/** From the engine's event to the frame in which the row says it. */
async function events(page: Page, engines: FakeEngines): Promise<void> {
    // The first engine alone, whose host is the local one, so that its rows are on the screen.
    await page.goto("/containers?q=local");
    await hydrated(page);
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1_200));
        const painted = page.evaluate(() => {
            const table = document.querySelector("main table")!;
            const before = table.textContent;
            return new Promise<number>((resolve) => {
                const watch = new MutationObserver(() => {
                    if (table.textContent === before) return;
                    watch.disconnect();
                    // The task after the next frame: what changed is painted.
                    requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
                });
                watch.observe(table, { subtree: true, childList: true, characterData: true, attributes: true });
            });
        });
        const { wall } = await engines.touch(0, i % 5);
        times.push((await painted) - wall);
    }
    const p99 = quantile(times, 0.99);
    row("engine event → painted on the page: median / p99 of 20", `${ms(quantile(times, 0.5))} / ${ms(p99)}`, "p99 ≤ 100 ms", p99 <= 100);
}

/** From a key in the filter to the frame that shows its answer, which has another number of rows. */
async function filters(context: BrowserContext, page: Page, api: Api): Promise<void> {
    await page.goto("/containers");
    await hydrated(page);
    const session = await context.newCDPSession(page);
    const total = async (text: string) => (await api.get(`/containers?limit=1&q=${text}`)).total as number;
    for (const [slower, budget] of [[1, 100], [4, 250]] as const) {
        await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
        await page.getByRole("combobox", { name: words("en")("common.filter") }).click();
        const times: number[] = [];
        let text = "";
        for (const key of [..."b<w<c<v<y<m<wo<<"].map((key) => (key === "<" ? "Backspace" : key))) {
            const next = key === "Backspace" ? text.slice(0, -1) : text + key;
            expect(await total(next), `${next} finds as many as ${text}`).not.toBe(await total(text));
            text = next;
            // It listens before the key is pressed: a browser hands on keys before what is asked of it meanwhile.
            const painted = await page.evaluateHandle(() => {
                const table = document.querySelector("main table")!;
                const measured = new Promise<number>((resolve) => {
                    const begin = () => {
                        const pressed = performance.now();
                        new MutationObserver((_all, self) => {
                            self.disconnect();
                            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed)));
                        }).observe(table, { attributes: true, attributeFilter: ["aria-rowcount"] });
                    };
                    addEventListener("keydown", begin, { once: true, capture: true });
                });
                return { measured };
            });
            await page.keyboard.press(key);
            times.push(await painted.evaluate(({ measured }) => measured));
        }
        const [half, worst] = [quantile(times, 0.5), Math.max(...times)];
        row(`6,000 containers: key in the filter → painted${slower > 1 ? `, CPU slowed ${slower} ×` : ""}: median / worst of ${times.length}`, `${ms(half)} / ${ms(worst)}`, `≤ ${budget} ms`, half <= budget);
    }
    await session.detach();
}
