// Logs: a tab at ten thousand lines a second, and what following many containers costs the console.
import { spawn } from "node:child_process";

import WebSocket from "ws";

import { Api } from "../rig/api.ts";
import { Containers, docker, dockerHost } from "../rig/docker.ts";
import { cpuSeconds, mb, ms, quantile, residentMb, row } from "../rig/measure.ts";
import { Server } from "../rig/server.ts";
import { expect, hydrated, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";

/** Writes so many lines a second, twenty times a second; each is a JSON line that says when it was written. */
const writes = (lines: number) =>
    `n=${Math.round(lines / 20)}; while :; do i=0; t=$(cut -d' ' -f1 /proc/uptime); while [ $i -lt $n ]; do echo "INFO request served path=/v1/accounts status=200 took=3ms at=$t"; i=$((i + 1)); done; usleep 48000; done`;

test("a tab that follows 10,000 lines a second", async ({ browser }) => {
    const containers = new Containers();
    const server = await Server.start({ admin: true });
    const context = await browser.newContext({ baseURL: server.url });
    try {
        const id = await containers.run("flood", { command: ["sh", "-c", "i=0; while :; do seq $i $((i + 999)) | sed 's|^|INFO request served path=/v1/accounts status=200 took=3ms n=|'; i=$((i + 1000)); usleep 85000; done"] });
        await signIn(context, server);
        const page = await context.newPage();
        await page.goto(`/containers/${id}?tab=logs`);
        await hydrated(page);
        await expect(page.locator(".log-row").first()).toBeVisible();
        await page.waitForTimeout(10_000);
        const frames: number[] = await page.evaluate(
            () =>
                new Promise((resolve) => {
                    const all: number[] = [];
                    let last = performance.now();
                    const next = (now: number) => {
                        all.push(now - last);
                        last = now;
                        if (all.length < 1_200) requestAnimationFrame(next);
                        else resolve(all);
                    };
                    requestAnimationFrame(next);
                }),
        );
        const session = await context.newCDPSession(page);
        await session.send("Performance.enable");
        const { metrics } = await session.send("Performance.getMetrics");
        const heap = (metrics.find((m) => m.name === "JSHeapTotalSize")?.value ?? 0) / 1e6;
        // The page's own memory is WASM's: it is a buffer beside the script's heap.
        const memory: number = await page.evaluate(async () => {
            const measured = (performance as unknown as { memory?: { totalJSHeapSize: number } }).memory;
            return (measured?.totalJSHeapSize ?? 0) / 1e6;
        });
        const foot = await page.locator(".log-foot").innerText();
        const longest = Math.max(...frames);
        row("10,000 log lines/s into one tab: heap", mb(Math.max(heap, memory)), "≤ 150 MB", Math.max(heap, memory) <= 150);
        row("… longest frame / p99 of 1,200", `${ms(longest)} / ${ms(quantile(frames, 0.99))}`, "≤ 50 ms", longest <= 50);
        row("… what its foot says", foot.replace(/\s+/g, " "));
    } finally {
        await context.close();
        await server.stop();
        await containers.removeAll();
    }
});

test("50 containers at 200 lines a second each, followed on one socket", async () => {
    const containers = new Containers();
    const server = await Server.start({ admin: true });
    const api = await Api.of(server);
    try {
        const ids: string[] = [];
        for (let i = 0; i < 50; i++) ids.push(await containers.run(`c${i}`, { command: ["sh", "-c", writes(200)] }));
        await until("all are listed", async () => (await api.get(`/containers?limit=1&q=${containers.prefix}`)).total === 50, 30_000);
        const host = (await api.get("/hosts?limit=1")).items[0].id;
        const [memory, plain] = [residentMb(server.pid), cpuSeconds(server.pid)];
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        const idle = (cpuSeconds(server.pid) - plain) / 10;
        const follower = await Follower.open(server, api.token, ids.map((id) => ({ host_id: host, id })));
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        const [cpu, lines, begun] = [cpuSeconds(server.pid), follower.lines, performance.now()];
        await new Promise((resolve) => setTimeout(resolve, 20_000));
        const seconds = (performance.now() - begun) / 1000;
        const cores = (cpuSeconds(server.pid) - cpu) / seconds - idle;
        const grown = residentMb(server.pid) - memory;
        const rate = Math.round((follower.lines - lines) / seconds);
        row(`following 50 containers, ${rate} lines/s in all: cores`, cores.toFixed(3), "≤ 0.1", cores <= 0.1);
        row("… memory beside the console's own", mb(grown), "≤ 50 MB", grown <= 50);
        row("… lines dropped", String(follower.dropped), "0", follower.dropped === 0);
        follower.close();
        const bare = await curls(ids);
        row("… curl on the engine's API, 50 times the same: cores / memory", `${bare.cores.toFixed(3)} / ${mb(bare.memory)}`);
    } finally {
        api.close();
        await server.stop();
        await containers.removeAll();
    }
});

/** What following costs without a console: one curl on the engine's socket for each container, for as long. */
async function curls(ids: string[]): Promise<{ cores: number; memory: number }> {
    const engine = dockerHost().replace(/^unix:\/\//, "");
    const all = ids.map((id) =>
        spawn("curl", ["-sN", "-o", "/dev/null", "--unix-socket", engine, `http://docker/containers/${id}/logs?follow=1&stdout=1&stderr=1&timestamps=1&tail=0`], { stdio: "ignore" }),
    );
    try {
        const pids = all.map((child) => child.pid!);
        const used = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        const [cpu, begun] = [used(), performance.now()];
        await new Promise((resolve) => setTimeout(resolve, 20_000));
        return { cores: (used() - cpu) / ((performance.now() - begun) / 1000), memory: pids.reduce((sum, pid) => sum + residentMb(pid), 0) };
    } finally {
        for (const child of all) child.kill();
    }
}

test("20,000 lines a second over the socket: loss, lag, CPU a line", async () => {
    const LINES = 200_000;
    const containers = new Containers();
    const server = await Server.start({ admin: true });
    const api = await Api.of(server);
    try {
        const script = "until [ -e /go ]; do usleep 10000; done; i=0; while [ $i -lt 200 ]; do seq 1 1000; i=$((i + 1)); usleep 45000; done; sleep 100000";
        const id = await containers.run("fast", { command: ["sh", "-c", script] });
        await until("it is listed", async () => (await api.call("GET", `/containers/${id}`)).status === 200);
        const host = (await api.get("/hosts?limit=1")).items[0].id;
        const follower = await Follower.open(server, api.token, [{ host_id: host, id }]);
        const cpu = cpuSeconds(server.pid);
        const begun = performance.now();
        await docker("exec", id, "touch", "/go");
        await until("all lines have come", () => follower.lines >= LINES, 120_000);
        const seconds = (performance.now() - begun) / 1000;
        const each = ((cpuSeconds(server.pid) - cpu) * 1e6) / LINES;
        const p99 = quantile(follower.lags, 0.99);
        row(`live socket, ${Math.round(LINES / seconds)} lines/s (${follower.dropped} lost): CPU a line`, `${each.toFixed(1)} µs`, "≤ 5 µs", each <= 5 && follower.dropped === 0);
        row("… from the engine's time to the reader: p99", ms(p99), "≤ 50 ms", p99 <= 50);
        follower.close();
    } finally {
        api.close();
        await server.stop();
        await containers.removeAll();
    }
});

/** Follows logs as a script does, and grants back what came. */
class Follower {
    lines = 0;
    dropped = 0;
    /** Of lines, in milliseconds: one in a hundred. */
    readonly lags: number[] = [];

    private constructor(private readonly socket: WebSocket) {}

    static async open(server: Server, token: string, all: { host_id: string; id: string }[]): Promise<Follower> {
        const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/v1/live`, { headers: { authorization: `Bearer ${token}` } });
        const follower = new Follower(socket);
        await new Promise<void>((resolve, reject) => {
            socket.once("error", reject);
            const topic = { kind: "logs", containers: all, tail: 0 };
            socket.once("open", () => socket.send(JSON.stringify({ type: "subscribe", sub: 1, topic, credit: 4 << 20 })));
            socket.on("message", (data: Buffer, binary: boolean) => {
                if (binary) return follower.read(data);
                const frame = JSON.parse(data.toString());
                if (frame.type === "subscribed") resolve();
                if (frame.type === "dropped") follower.dropped += frame.n;
                if (frame.type === "refused") reject(new Error(data.toString()));
            });
        });
        return follower;
    }

    private read(frame: Buffer): void {
        this.socket.send(JSON.stringify({ type: "credit", sub: 1, bytes: frame.length }));
        const now = Date.now();
        for (let at = 4; at < frame.length; ) {
            const kind = frame[at + 1]!;
            const length = frame.readUInt32LE(at + 10);
            if ((kind & 127) !== 2 && this.lines++ % 100 === 0) this.lags.push(now - Number(frame.readBigUInt64LE(at + 2) / 1_000_000n));
            at += 14 + (kind & 128 ? 4 : 0) + length;
        }
    }

    close(): void {
        this.socket.close();
    }
}
