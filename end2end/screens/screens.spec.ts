// Takes a picture of every page: Chinese and English, light and dark, 1440 and 390 px, with no, some and thousands of containers,
// and with hosts that do not answer. `make screens` runs it; SCREENS_OUT, SCREENS_STATES and SCREENS_PAGES narrow it.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Api } from "../rig/api.ts";
import { FakeEngines } from "../rig/fake-engines.ts";
import { ids, routes } from "../rig/routes.ts";
import { Server } from "../rig/server.ts";
import { hydrated, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";
import { LANGUAGES, type Language } from "../rig/words.ts";

const OUT = process.env.SCREENS_OUT ?? fileURLToPath(new URL("../.out/screens", import.meta.url));
const WIDTHS = [1440, 390] as const;
const THEMES = ["light", "dark"] as const;
const STATES: Record<string, { hosts: number; perHost: number; down?: number[] }> = {
    none: { hosts: 1, perHost: 0 },
    some: { hosts: 3, perHost: 14 },
    thousands: { hosts: 300, perHost: 20 },
    down: { hosts: 4, perHost: 8, down: [1, 3] },
};

const wanted = (list: string | undefined, name: string) => !list || list.split(/[ ,]+/).includes(name);

for (const [state, { hosts, perHost, down = [] }] of Object.entries(STATES)) {
    if (!wanted(process.env.SCREENS_STATES, state)) continue;
    test(`screens: ${state}`, async ({ browser }) => {
        const engines = await FakeEngines.start(hosts, perHost);
        const server = await Server.start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
        const api = await Api.of(server);
        try {
            await until("all is listed", async () => (await api.get("/containers?limit=1")).total === hosts * perHost, 60_000);
            for (const host of down) await engines.hang(host);
            await until("what is down is known", async () => (await api.get("/hosts?state=unreachable&limit=1")).total === down.length, 20_000);
            const { container, host } = await ids((path) => api.get(path));
            for (const language of LANGUAGES) {
                for (const theme of THEMES) {
                    for (const width of WIDTHS) {
                        const context = await browser.newContext({
                            baseURL: server.url,
                            locale: language,
                            colorScheme: theme,
                            viewport: { width, height: width === 390 ? 844 : 900 },
                            timezoneId: "Asia/Shanghai",
                        });
                        const page = await context.newPage();
                        const all = routes(container, host).filter((r) => wanted(process.env.SCREENS_PAGES, r.name));
                        for (const route of all.sort((a, b) => Number(b.open ?? false) - Number(a.open ?? false))) {
                            if (!route.open) await signedInOnce(context, server, language);
                            await page.goto(route.path);
                            await hydrated(page);
                            await page.waitForLoadState("networkidle");
                            mkdirSync(`${OUT}/${state}`, { recursive: true });
                            await page.screenshot({ path: `${OUT}/${state}/${route.name}-${language}-${theme}-${width}.png` });
                        }
                        await context.close();
                    }
                }
            }
        } finally {
            api.close();
            await server.stop();
            await engines.stop();
        }
    });
}

async function signedInOnce(context: Parameters<typeof signIn>[0], server: Server, language: Language): Promise<void> {
    if ((await context.cookies()).length === 0) await signIn(context, server, language);
}
