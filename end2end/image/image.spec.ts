// The image, run as the README says, by root and by another user.
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { type APIRequestContext, expect, request, test } from "@playwright/test";

import { docker, dockerHost } from "../rig/docker.ts";
import { freePort } from "../rig/server.ts";
import { until } from "../rig/until.ts";

const TAR = fileURLToPath(new URL("../../dist/ecos-image.tar", import.meta.url));
const SOCKET = dockerHost().replace("unix://", "");
const PASSWORD = "correct horse battery staple";

test.beforeAll(async () => {
    await docker("load", "-q", "-i", TAR);
});

test("the image is small and holds nothing but the console", async () => {
    const size = Number(await docker("image", "inspect", "-f", "{{.Size}}", "ecos"));
    expect(size).toBeLessThanOrEqual(25e6);
    const id = await docker("create", "ecos");
    const dir = await mkdtemp(join(tmpdir(), "ecos-image-"));
    try {
        await docker("export", "-o", `${dir}/image.tar`, id);
        const { stdout } = await promisify(execFile)("tar", ["-tf", `${dir}/image.tar`]);
        const files = stdout.split("\n").filter((name) => name && !name.endsWith("/"));
        // What Docker itself puts into every container.
        const dockers = /^(\.dockerenv|etc\/(hosts|hostname|resolv\.conf|mtab)|dev\/console)$/;
        expect(files.filter((name) => !dockers.test(name)).sort()).toEqual(["ecos", "etc/ssl/certs/ca-certificates.crt"]);
    } finally {
        await docker("rm", id);
        await rm(dir, { recursive: true });
    }
});

test("it serves TLS by itself and sees the engine, as root", async () => {
    await walk([]);
});

test("it does the same as user 65532 with the socket's group", async () => {
    const { gid } = await stat(SOCKET);
    await walk(["--user", `65532:${gid}`]);
});

async function walk(user: string[]): Promise<void> {
    const name = `e2e-image-${process.pid}-${user.length}`;
    const port = await freePort();
    const url = `https://127.0.0.1:${port}`;
    let api: APIRequestContext | null = null;
    try {
        await docker(
            "run", "-d", "--name", name, ...user,
            "-v", `${SOCKET}:/var/run/docker.sock`, "-v", `${name}:/data`, "-p", `127.0.0.1:${port}:3000`, "ecos",
        );
        api = await request.newContext({ ignoreHTTPSErrors: true, extraHTTPHeaders: { origin: url, "x-ecos-page": "1" } });
        const answers = async () => (await api!.get(`${url}/readyz`).then((r) => r.ok(), () => false)) || fail(name);
        await until("the console answers over TLS", answers, 20_000);

        let token: RegExpMatchArray | null = null;
        await until("the set-up link is printed", async () => (token = (await logs(name)).match(/\/setup#(\S+)/)) !== null);
        const made = await api.post(`${url}/api/v1/setup`, { data: { token: token![1], username: "ops-a", password: PASSWORD } });
        expect(made.ok(), await made.text()).toBe(true);
        const cookies = made.headersArray().filter((h) => h.name.toLowerCase() === "set-cookie").map((h) => h.value);
        expect(cookies.join(), "the cookie over TLS").toMatch(/(^|,)__Host-ecos=[^,]*Secure/);

        await until("the engine is reachable", async () => {
            const hosts = await api!.get(`${url}/api/v1/hosts`).then((r) => r.json());
            return hosts.items?.[0]?.state === "reachable";
        });
        const own = await docker("inspect", "-f", "{{.Id}}", name);
        await until("its own container is listed", async () => {
            const list = await api!.get(`${url}/api/v1/containers?limit=1000`).then((r) => r.json());
            return list.items.some((c: { id: string }) => c.id === own);
        });

        // It does not end itself, whoever asks; restart itself it may.
        const at = `${url}/api/v1/containers/${own}`;
        const tried = [
            await api.post(`${at}/stop`),
            await api.post(`${at}/kill`, { data: {} }),
            await api.post(`${at}/rename`, { data: { name: `${name}-other` } }),
            await api.delete(`${at}?force=true`),
        ];
        for (const refused of tried) {
            const body = await refused.json();
            const why = [body.code, ...(body.errors ?? []).map((e: { code: string }) => e.code)];
            expect(refused.status(), JSON.stringify(body)).toBe(403);
            expect(why).toContain("own_container");
        }
        const beganAt = await docker("inspect", "-f", "{{.State.StartedAt}}", name);
        await api.post(`${at}/restart`).catch(() => "it went with the console");
        await until("it was started anew", async () => (await docker("inspect", "-f", "{{.State.StartedAt}}", name)) !== beganAt, 30_000);
        await until("the console answers after its own restart", answers, 20_000);
        await until("the restart is on record as done", async () => {
            const trail = await api!.get(`${url}/api/v1/audit?object_id=${own}`).then((r) => r.json());
            return trail.items.some((r: { action: string; outcome: string }) => r.action === "restart" && r.outcome === "done");
        }, 30_000);

        // A restart ends in time, and keeps account, session and certificate.
        const before = performance.now();
        await docker("stop", "-t", "12", name);
        expect(performance.now() - before).toBeLessThan(10_000);
        expect(await docker("inspect", "-f", "{{.State.ExitCode}}", name), await logs(name)).toBe("0");
        await docker("start", name);
        await until("the console answers again", answers, 20_000);
        expect((await api.get(`${url}/api/v1/session`)).status()).toBe(200);
    } finally {
        await api?.dispose();
        await docker("rm", "-f", name).catch(() => undefined);
        await docker("volume", "rm", "-f", name).catch(() => undefined);
    }
}

/** Standard output and error of a container. */
async function logs(name: string): Promise<string> {
    return new Promise((resolve) => {
        execFile("docker", ["logs", name], { env: { ...process.env, DOCKER_HOST: dockerHost() } }, (_e, out, err) => resolve(out + err));
    });
}

/** Ends the waiting when the container has ended. */
async function fail(name: string): Promise<false> {
    if ((await docker("inspect", "-f", "{{.State.Running}}", name)) !== "true") throw new Error(`the container ended:\n${await logs(name)}`);
    return false;
}
