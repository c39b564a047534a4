// A registry of images: Debian's docker-registry on a loopback port, which engines take without TLS. It ends with its test.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { IMAGE, docker } from "./docker.ts";
import { freePort } from "./server.ts";
import { until } from "./until.ts";

export class Registry {
    private readonly names = new Set<string>();

    private constructor(
        private readonly dir: string,
        private readonly child: ChildProcess,
        private readonly port: number,
    ) {}

    static async start(): Promise<Registry> {
        const [dir, port] = [await mkdtemp(join(tmpdir(), "ecos-registry-")), await freePort()];
        const config = join(dir, "config.yml");
        await writeFile(config, `version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: ${dir}/data}\nhttp: {addr: "127.0.0.1:${port}"}\n`);
        const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
        const registry = new Registry(dir, child, port);
        await until("the registry answers", () => fetch(`http://127.0.0.1:${port}/v2/`).then((a) => a.ok, () => false), 10_000);
        return registry;
    }

    /** Brings an image there under a name that it gives back; what the engine had under it, it keeps. Each is another one. */
    async push(repository: string, content: string): Promise<string> {
        const name = `127.0.0.1:${this.port}/${repository}:1`;
        const before = this.names.has(name) ? await docker("image", "inspect", "-f", "{{.Id}}", name) : null;
        const made = await docker("create", "--label", `content=${content}`, IMAGE);
        await docker("commit", "--change", `LABEL content=${content}`, made, name);
        await docker("rm", made);
        await docker("push", "-q", name);
        if (before !== null) await docker("tag", before, name);
        this.names.add(name);
        return name;
    }

    async stop(): Promise<void> {
        this.child.kill("SIGKILL");
        for (const name of this.names) await docker("rmi", "-f", name);
        await rm(this.dir, { recursive: true, force: true });
    }
}
