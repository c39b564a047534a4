// A registry of images: Debian's docker-registry on a loopback port, which engines take without TLS. It ends with its test.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { IMAGE, OWNER, docker } from "./docker.ts";
import { freePort } from "./server.ts";
import { until } from "./until.ts";

export class Registry {
    /** Ids of what was made for it. */
    private readonly made = new Set<string>();

    private constructor(
        private readonly dir: string,
        private readonly child: ChildProcess,
        private readonly port: number,
    ) {}

    static async start(): Promise<Registry> {
        const [dir, port] = [await mkdtemp(join(tmpdir(), "ecos-registry-")), await freePort()];
        const config = join(dir, "config.yml");
        await writeFile(config, `version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: ${dir}/data}\nhttp: {addr: "127.0.0.1:${port}"}\n`);
        const registry = new Registry(dir, spawn("docker-registry", ["serve", config], { stdio: "ignore" }), port);
        try {
            await until("the registry answers", () => fetch(`http://127.0.0.1:${port}/v2/`).then((a) => a.ok, () => false), 10_000);
        } catch (error) {
            await registry.stop();
            throw error;
        }
        return registry;
    }

    /** Brings an image there under a name that it gives back; what the engine had under it, it keeps. Each is another one. */
    async push(repository: string, content: string): Promise<string> {
        const name = `127.0.0.1:${this.port}/${repository}:1`;
        const before = await docker("images", "-q", "--no-trunc", name);
        const from = await docker("create", "--label", `${OWNER}=${process.pid}`, IMAGE);
        try {
            this.made.add(await docker("commit", "--change", `LABEL content=${content}`, from, name));
        } finally {
            await docker("rm", from);
        }
        await docker("push", "-q", name);
        if (before !== "") await docker("tag", before, name);
        return name;
    }

    async stop(): Promise<void> {
        this.child.kill("SIGKILL");
        // One that a container runs still, or that is gone, keeps no other.
        for (const id of this.made) await docker("rmi", "-f", id).catch(() => undefined);
        await rm(this.dir, { recursive: true, force: true });
    }
}
