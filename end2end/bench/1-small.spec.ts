// One engine with 200 containers: sizes, start, memory, the list, logs, and what it costs when nobody looks.
import { existsSync, statSync } from "node:fs";
import { request } from "node:http";
import { fileURLToPath } from "node:url";

import { Api } from "../rig/api.ts";
import { Containers, docker } from "../rig/docker.ts";
import { cpuSeconds, mb, ms, pidsOf, quantile, residentMb, row } from "../rig/measure.ts";
import { Server, required } from "../rig/server.ts";
import { Watching } from "../rig/stats.ts";
import { expect, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";

const CONTAINERS = 200;

test("one engine, 200 containers", async () => {
    const containers = new Containers();
    let server: Server | null = null;
    try {
        // What people get, where `make dist` has made it; without whole LTO the binary is a third larger.
        const dist = fileURLToPath(new URL("../../dist/ecos", import.meta.url));
        const binary = statSync(existsSync(dist) ? dist : required("ECOS_TEST_BINARY")).size / 1e6;
        const tar = fileURLToPath(new URL("../../dist/ecos-image.tar", import.meta.url));
        const image = existsSync(tar) ? `, image ${mb(statSync(tar).size / 1e6)}` : "";
        row(existsSync(dist) ? "binary (make dist)" : "binary (release)", `${mb(binary)}${image}`, "≤ 25 MB", binary <= 25);

        const before = Number(await docker("ps", "-aq").then((ids) => ids.split("\n").filter(Boolean).length));
        for (let i = 0; i < CONTAINERS - before; i += 10) {
            const names = Array.from({ length: Math.min(10, CONTAINERS - before - i) }, (_, n) => `c${i + n}`);
            await Promise.all(names.map((name) => containers.run(name, { command: ["sleep", "100000"] })));
        }

        server = await Server.start({ admin: true });
        await start(server);
        const api = await Api.of(server);
        await until("all containers are listed", async () => (await api.get("/containers?limit=1")).total >= CONTAINERS);
        await list(server, api);
        await idle(server);
        await watched(server, api);
        await logs(server, api, containers);
        api.close();
    } finally {
        await server?.stop();
        await containers.removeAll();
    }
});

async function start(server: Server): Promise<void> {
    const times: number[] = [];
    for (let i = 0; i < 10; i++) {
        await server.halt();
        const begun = performance.now();
        const running = server.run();
        await answered(server.port);
        times.push(performance.now() - begun);
        await running;
    }
    const median = quantile(times, 0.5);
    row("start to first answer, median of 10", ms(median), "≤ 150 ms", median <= 150);
}

/** Resolves with the first whole answer of the server. */
async function answered(port: number): Promise<void> {
    const once = () =>
        new Promise<boolean>((resolve) => {
            const sent = request({ host: "127.0.0.1", port, path: "/healthz", agent: false }, (answer) => {
                answer.resume();
                answer.on("end", () => resolve(true));
            });
            sent.on("error", () => resolve(false));
            sent.end();
        });
    const end = performance.now() + 10_000;
    while (!(await once())) {
        if (performance.now() > end) throw new Error("the console did not answer within 10 s");
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
}

async function list(server: Server, api: Api): Promise<void> {
    const N = 2_000;
    const times: number[] = [];
    for (let i = 0; i < 200; i++) await api.get(`/containers?limit=${CONTAINERS}`);
    const cpu = cpuSeconds(server.pid);
    for (let i = 0; i < N; i++) {
        const begun = performance.now();
        const answer = await api.call("GET", `/containers?limit=${CONTAINERS}`);
        times.push(performance.now() - begun);
        expect(answer.status).toBe(200);
    }
    const each = ((cpuSeconds(server.pid) - cpu) * 1000) / N;
    const p50 = quantile(times, 0.5);
    row(`list of ${CONTAINERS} at the API: p50 / CPU a request`, `${ms(p50)} / ${ms(each)}`, "≤ 1 ms / ≤ 1 ms", p50 <= 1 && each <= 1);
}

async function idle(server: Server): Promise<void> {
    const engines = pidsOf("dockerd");
    const engineCpu = () => engines.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const minute = () => new Promise((resolve) => setTimeout(resolve, 60_000));

    // The list's memory has been given back after a while of nobody asking.
    await minute();
    const [cpu, engine] = [cpuSeconds(server.pid), engineCpu()];
    await minute();
    const own = cpuSeconds(server.pid) - cpu;
    const withConsole = engineCpu() - engine;
    const memory = residentMb(server.pid);
    row(`memory: one engine, ${CONTAINERS} containers, idle`, mb(memory), "≤ 25 MB", memory <= 25);

    await server.halt();
    const alone = engineCpu();
    await minute();
    const extra = withConsole - (engineCpu() - alone);
    await server.run();
    row("nobody looking, a minute: own CPU, samples included", `${own.toFixed(2)} s`, "≤ 0.15 s", own <= 0.15);
    row("nobody looking, a minute: extra in the engine (pings and one list)", engines.length ? `${extra.toFixed(2)} s` : "no dockerd seen", "pings aside none");
}

/** One viewer with all containers in view, and the cost of the ten-second samples by the console's own word. */
async function watched(server: Server, api: Api): Promise<void> {
    const engines = pidsOf("dockerd");
    const engineCpu = () => engines.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const SECONDS = 60;
    const listed = await api.get(`/containers?limit=${CONTAINERS}&condition=running`);
    const refs = listed.items.map((c: { host_id: string; id: string }) => ({ host_id: c.host_id, id: c.id }));
    const watching = await Watching.open(server, api.token, refs);
    await watching.tells(refs.length);
    const [cpu, engine, frames] = [cpuSeconds(server.pid), engineCpu(), watching.frames];
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const own = (cpuSeconds(server.pid) - cpu) / SECONDS;
    const all = own + (engineCpu() - engine) / SECONDS;
    expect(watching.frames - frames, "a round about every two seconds").toBeGreaterThan(SECONDS / 3);
    watching.close();
    row(`live stats of ${refs.length} containers, one viewer: own / with the engine`, `${own.toFixed(3)} / ${all.toFixed(3)} core`, "≤ 0.03 core", all <= 0.03);

    const workers = await api.get("/workers");
    const samples = workers.items.find((w: { name: string }) => w.name === "samples");
    const minute = (samples.report.took_us * 6) / 1e6;
    row(`samples of ${samples.report.containers} containers each 10 s, a minute`, `${minute.toFixed(3)} s`, "≤ 0.1 s", minute <= 0.1);
}

async function logs(server: Server, api: Api, containers: Containers): Promise<void> {
    const LINES = 200_000;
    const text = "2026-11-23T08:00:00Z INFO request served path=/v1/accounts status=200 took=3ms";
    const script = `until [ -e /go ]; do usleep 10000; done; yes '${text}' | head -n ${LINES}; sleep 100000`;
    const id = await containers.run("lines", { command: ["sh", "-c", script] });
    await until("the container is listed", async () => (await api.call("GET", `/containers/${id}`)).status === 200);
    let lines = 0;
    const cpu = cpuSeconds(server.pid);
    const followed = new Promise<void>((resolve, reject) => {
        const sent = request(
            { host: "127.0.0.1", port: server.port, path: `/api/v1/containers/${id}/logs?follow=true&tail=0`, headers: { authorization: `Bearer ${api.token}` } },
            (answer) => {
                answer.on("data", (data: Buffer) => {
                    for (const byte of data) if (byte === 10) lines++;
                    if (lines >= LINES) {
                        resolve();
                        sent.destroy();
                    }
                });
            },
        );
        sent.on("error", (error) => (lines >= LINES ? undefined : reject(error)));
        sent.end();
    });
    await docker("exec", id, "touch", "/go");
    const begun = performance.now();
    await Promise.race([followed, until(`all lines have come`, () => lines >= LINES, 60_000)]);
    const seconds = (performance.now() - begun) / 1000;
    const each = ((cpuSeconds(server.pid) - cpu) * 1e6) / LINES;
    row(`log follow: CPU a line (${Math.round(LINES / seconds)} lines/s, none lost)`, `${each.toFixed(1)} µs`, "≤ 5 µs", each <= 5);
}
