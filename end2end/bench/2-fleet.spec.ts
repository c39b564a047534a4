// 300 engines with 6,000 containers (fake engines on unix sockets): the list, memory, and how fast an event is seen.
import { Api } from "../rig/api.ts";
import { FakeEngines } from "../rig/fake-engines.ts";
import { Live } from "../rig/live.ts";
import { cpuSeconds, mb, ms, quantile, residentMb, row } from "../rig/measure.ts";
import { Server } from "../rig/server.ts";
import { expect, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";

const HOSTS = 300;
const PER_HOST = 20;

test("300 engines, 6,000 containers", async () => {
    const engines = await FakeEngines.start(HOSTS, PER_HOST);
    let server: Server | null = null;
    try {
        server = await Server.start({ admin: true, dockerHost: engines.endpoint(0), hosts: engines.others() });
        const api = await Api.of(server);
        const total = async () => (await api.get("/containers?limit=1")).total as number;
        await until("all containers are listed", async () => (await total()) === HOSTS * PER_HOST, 60_000);
        await lists(server, api);
        await events(server, api, engines);
        const memory = residentMb(server.pid);
        row(`memory: ${HOSTS} engines with ${HOSTS * PER_HOST} containers`, mb(memory), "≤ 150 MB", memory <= 150);
        api.close();
    } finally {
        await server?.stop();
        await engines.stop();
    }
});

async function lists(server: Server, api: Api): Promise<void> {
    // What a page asks while somebody works with the list: windows, words, other orders, groups.
    const queries = ["?limit=120", "?limit=120&offset=3000", "?limit=120&q=payments", "?limit=120&q=db+node-1&sort=-created", "?limit=120&group=application", "?limit=120&group=host&sort=image", "?limit=120&condition=trouble"];
    const times: number[] = [];
    const cpu = cpuSeconds(server.pid);
    for (let i = 0; i < 2_000; i++) {
        const begun = performance.now();
        const answer = await api.call("GET", `/containers${queries[i % queries.length]}`);
        times.push(performance.now() - begun);
        expect(answer.status, answer.text).toBe(200);
    }
    const each = ((cpuSeconds(server.pid) - cpu) * 1000) / times.length;
    const p99 = quantile(times, 0.99);
    row(`windows of ${HOSTS * PER_HOST} containers on ${HOSTS} engines: p50 / p99 / CPU a request`, `${ms(quantile(times, 0.5))} / ${ms(p99)} / ${ms(each)}`, "p99 ≤ 20 ms", p99 <= 20);
}

async function events(server: Server, api: Api, engines: FakeEngines): Promise<void> {
    const live = await Live.open(server, api.token, ["container"]);
    const times: number[] = [];
    for (let i = 0; i < 30; i++) {
        // Over a second apart: what comes sooner is put together on purpose.
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        const host = (i * 7) % HOSTS;
        const { at, id } = await engines.touch(host, i % PER_HOST);
        times.push(Number((await live.arrival(id, at)) - at) / 1e6);
    }
    live.close();
    const median = quantile(times, 0.5);
    row("engine event → live socket: median / worst of 30", `${ms(median)} / ${ms(Math.max(...times))}`, "median ≤ 10 ms", median <= 10);
}
