// A file of two gigabytes through the console: none of it stays in the console's memory.
import { request } from "node:http";

import { Api } from "../rig/api.ts";
import { Containers, docker } from "../rig/docker.ts";
import { cpuSeconds, mb, residentMb, row } from "../rig/measure.ts";
import { ADMIN, Server } from "../rig/server.ts";
import { expect, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";

const BYTES = 2_000_000_000;

test("a file of 2 GB is downloaded", async () => {
    const containers = new Containers();
    const server = await Server.start({ admin: true });
    const api = await Api.of(server);
    try {
        const id = await containers.run("big");
        await until("it is listed", async () => (await api.call("GET", `/containers/${id}`)).status === 200);
        // A hole in the container's file system: the engine sends every byte of it.
        await docker("exec", id, "truncate", "-s", String(BYTES), "/tmp/big");
        const before = residentMb(server.pid);
        const cpu = cpuSeconds(server.pid);
        let highest = before;
        const sampling = setInterval(() => (highest = Math.max(highest, residentMb(server.pid))), 50);
        const begun = performance.now();
        const got = await download(server, await signedIn(server), `/api/v1/containers/${id}/files/download?path=/tmp/big`).finally(() => clearInterval(sampling));
        const seconds = (performance.now() - begun) / 1000;
        expect(got).toBe(BYTES);
        const grown = highest - before;
        row("download of a 2 GB file: memory beside the console's own, at its highest", mb(grown), "≤ 8 MB", grown <= 8);
        row("… speed / CPU", `${(BYTES / 1e6 / seconds).toFixed(0)} MB/s / ${(cpuSeconds(server.pid) - cpu).toFixed(2)} s`);
    } finally {
        api.close();
        await server.stop();
        await containers.removeAll();
    }
});

/** The cookie of a session that has just shown its password: files want that. */
async function signedIn(server: Server): Promise<string> {
    const answer = await fetch(`${server.url}/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-ecos-page": "1", origin: server.url },
        body: JSON.stringify(ADMIN),
    });
    if (!answer.ok) throw new Error(`sign-in answers ${answer.status}`);
    return answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}

function download(server: Server, cookie: string, path: string): Promise<number> {
    return new Promise((resolve, reject) => {
        const sent = request({ host: "127.0.0.1", port: server.port, path, headers: { cookie } }, (answer) => {
            if (answer.statusCode !== 200) return reject(new Error(`the download answers ${answer.statusCode}`));
            let bytes = 0;
            answer.on("data", (data: Buffer) => (bytes += data.length));
            answer.on("end", () => resolve(bytes));
            answer.on("error", reject);
        });
        sent.on("error", reject);
        sent.end();
    });
}
