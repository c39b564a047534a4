// An hour of churn under a watching tab: memory of the console and of the tab must level off, nothing may be said in the console's log
// that is worse than a warning, and at the end the page shows what is there. SOAK_MINUTES shortens it.
import { Api } from "../rig/api.ts";
import { Containers, docker } from "../rig/docker.ts";
import { residentMb } from "../rig/measure.ts";
import { expect, open, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";

const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);
const AT_ONCE = 20;

test("churn", async ({ signedIn: page, server }) => {
    const containers = new Containers();
    const api = await Api.of(server);
    const heap = async () => {
        const session = await page.context().newCDPSession(page);
        await session.send("HeapProfiler.collectGarbage");
        const { usedSize } = await session.send("Runtime.getHeapUsage");
        await session.detach();
        return usedSize / 1e6;
    };
    try {
        await open(page, `/containers?q=${containers.prefix}`);
        const samples: { minute: number; server: number; tab: number }[] = [];
        const end = Date.now() + MINUTES * 60_000;
        for (let round = 0; Date.now() < end; round++) {
            const names = Array.from({ length: AT_ONCE }, (_, i) => `r${round}-${i}`);
            await Promise.all(names.map((name) => containers.run(name, { command: ["sleep", "1000"] })));
            await until("all are listed", async () => (await api.get(`/containers?q=${containers.prefix}&limit=1`)).total === AT_ONCE);
            await docker("restart", "-t", "0", ...names.slice(0, 5).map((name) => containers.name(name)));
            await containers.removeAll();
            await until("none is listed", async () => (await api.get(`/containers?q=${containers.prefix}&limit=1`)).total === 0);
            if (round % 10 === 0) {
                const sample = { minute: MINUTES - (end - Date.now()) / 60_000, server: residentMb(server.pid), tab: await heap() };
                samples.push(sample);
                console.log(`${sample.minute.toFixed(1)} min: console ${sample.server.toFixed(1)} MB, tab ${sample.tab.toFixed(1)} MB`);
            }
        }
        // Against the first third, in which caches fill.
        const settled = samples[Math.floor(samples.length / 3)]!;
        const last = samples.at(-1)!;
        expect(last.server, "memory of the console").toBeLessThan(settled.server * 1.3 + 5);
        expect(last.tab, "memory of the tab").toBeLessThan(settled.tab * 1.3 + 5);
        expect(server.output.split("\n").filter((line) => /\b(ERROR|panicked)\b/.test(line))).toEqual([]);

        await containers.run("last");
        await expect(page.getByRole("link", { name: containers.name("last"), exact: true })).toBeVisible();
    } finally {
        api.close();
        await containers.removeAll();
    }
});
