// Starts fake-engines.mjs and speaks with it.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export class FakeEngines {
    private readonly waiting: ((line: string) => void)[] = [];

    private constructor(
        private readonly dir: string,
        private readonly child: ChildProcess,
        readonly count: number,
    ) {}

    static async start(hosts: number, perHost: number): Promise<FakeEngines> {
        const dir = await mkdtemp(join(tmpdir(), "ecos-fake-"));
        const script = fileURLToPath(new URL("fake-engines.mjs", import.meta.url));
        const child = spawn(process.execPath, [script, dir, String(hosts), String(perHost)], { stdio: ["pipe", "pipe", "inherit"] });
        const engines = new FakeEngines(dir, child, hosts);
        const ready = engines.line();
        createInterface({ input: child.stdout! }).on("line", (line) => engines.waiting.shift()?.(line));
        await ready;
        return engines;
    }

    /** The process, for reading its processor time. */
    get pid(): number {
        return this.child.pid!;
    }

    /** As in ECOS_DOCKER_HOST. */
    endpoint(host: number): string {
        return `unix://${this.dir}/e${host}.sock`;
    }

    /** All but the first, by the names that they give themselves: the first is the console's local one. */
    others(): Record<string, string> {
        const rest = Array.from({ length: this.count - 1 }, (_, i) => i + 1);
        return Object.fromEntries(rest.map((i) => [`node-${String(i + 1).padStart(3, "0")}`, this.endpoint(i)]));
    }

    /**
     * Stops or starts a container. When its event was written: `at` on the clock of `process.hrtime.bigint()`, `wall` in milliseconds since
     * 1970, as `performance.timeOrigin + performance.now()` has it in a page.
     */
    async touch(host: number, index: number): Promise<{ at: bigint; wall: number; id: string }> {
        const { at, wall, id } = await this.command(`touch ${host} ${index}`);
        return { at: BigInt(at as string), wall: wall as number, id: id as string };
    }

    /** Takes a container away. */
    async remove(host: number, index: number): Promise<void> {
        await this.command(`remove ${host} ${index}`);
    }

    /** It takes this action on containers and never answers; `done`: it does it all the same. */
    async deaf(host: number, action: "start" | "stop" | "restart", done: boolean): Promise<void> {
        await this.command(`deaf ${host} ${action}${done ? " done" : ""}`);
    }

    async hang(host: number): Promise<void> {
        await this.command(`hang ${host}`);
    }

    async wake(host: number): Promise<void> {
        await this.command(`wake ${host}`);
    }

    /** Requests since the last call, by method and path. */
    async stats(): Promise<Record<string, number>> {
        return (await this.command("stats")) as Record<string, number>;
    }

    async stop(): Promise<void> {
        const gone = new Promise((resolve) => this.child.once("exit", resolve));
        this.child.stdin!.end();
        await gone;
        await rm(this.dir, { recursive: true, force: true });
    }

    private command(text: string): Promise<Record<string, unknown>> {
        const answer = this.line();
        this.child.stdin!.write(`${text}\n`);
        return answer.then((line) => JSON.parse(line));
    }

    private line(): Promise<string> {
        return new Promise((resolve) => this.waiting.push(resolve));
    }
}
