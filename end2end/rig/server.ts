// Starts the real console on a free port with a data directory of its own, and ends it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { until } from "./until.ts";

export const ADMIN = { username: "ops-a", password: "correct horse battery staple" };

export interface Options {
    /** The binary; the static release one unless told otherwise. */
    binary?: string;
    /** The engine's socket as in ECOS_DOCKER_HOST; the tests' engine unless told otherwise. */
    dockerHost?: string;
    /** Makes the first account ADMIN by the command line. Else the console waits for its set-up. */
    admin?: boolean;
    /** More hosts than the local one: name → endpoint, written before the console starts. */
    hosts?: Record<string, string>;
    env?: Record<string, string>;
}

export class Server {
    private child: ChildProcess | null = null;
    /** All that the console printed, standard output and error. */
    output = "";

    private constructor(
        readonly dataDir: string,
        readonly port: number,
        private readonly binary: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    static async start(options: Options = {}): Promise<Server> {
        const binary = options.binary ?? required("ECOS_TEST_BINARY");
        const dataDir = await mkdtemp(join(tmpdir(), "ecos-data-"));
        const port = await freePort();
        const env = {
            PATH: process.env.PATH,
            ECOS_LISTEN: `127.0.0.1:${port}`,
            ECOS_DATA_DIR: dataDir,
            ECOS_DOCKER_HOST: options.dockerHost ?? process.env.ECOS_TEST_DOCKER_HOST ?? "unix:///var/run/docker.sock",
            ...options.env,
        };
        const server = new Server(dataDir, port, binary, env);
        if (options.admin) await server.command(["admin", "create", "--username", ADMIN.username, "--password-stdin"], ADMIN.password);
        if (options.hosts && Object.keys(options.hosts).length) await server.addHosts(options.hosts);
        await server.run();
        return server;
    }

    get url(): string {
        return `${this.env.ECOS_TLS === "auto" ? "https" : "http"}://127.0.0.1:${this.port}`;
    }

    get pid(): number {
        const pid = this.child?.pid;
        if (!pid) throw new Error("the console does not run");
        return pid;
    }

    /** Starts the process and waits until it answers. */
    async run(): Promise<void> {
        const child = spawn(this.binary, ["serve"], { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
        this.child = child;
        const keep = (data: Buffer) => (this.output += data.toString());
        child.stdout.on("data", keep);
        child.stderr.on("data", keep);
        let exit: number | null | undefined;
        child.once("exit", (code) => (exit = code));
        await until("the console answers", async () => {
            if (exit !== undefined) throw new Error(`the console ended with ${exit}:\n${this.output}`);
            return this.ready();
        }, 20_000);
    }

    private ready(): Promise<boolean> {
        const ask = this.url.startsWith("https") ? https.get : http.get;
        return new Promise((resolve) => {
            // The certificate is of the console's own making.
            const sent = ask(`${this.url}/readyz`, { rejectUnauthorized: false, agent: false }, (answer) => {
                answer.resume();
                resolve(answer.statusCode === 200);
            });
            sent.on("error", () => resolve(false));
        });
    }

    /** The one-time link of the first start. */
    async setupLink(): Promise<string> {
        let link: RegExpMatchArray | null = null;
        await until("the set-up link is printed", () => (link = this.output.match(/https?:\/\/\S+\/setup#\S+/)) !== null);
        return link![0];
    }

    /** Runs another command of the same binary on the same data. Returns its standard output. */
    async command(args: string[], stdin = ""): Promise<string> {
        const running = promisify(execFile)(this.binary, args, { env: this.env });
        running.child.stdin?.end(stdin);
        return (await running).stdout;
    }

    /** Writes hosts beside the local one. The console must not run; its tables must be there (any command makes them). */
    private async addHosts(hosts: Record<string, string>): Promise<void> {
        const text = (s: string) => `'${s.replaceAll("'", "''")}'`;
        const rows = Object.entries(hosts).map(([name, endpoint], i) => {
            const id = `018f0000-0000-7000-8000-${String(i).padStart(12, "0")}`;
            return `(${text(id)}, ${text(name)}, ${text(endpoint)}, NULL, ${Date.now()})`;
        });
        const running = promisify(execFile)("sqlite3", ["-bail", join(this.dataDir, "ecos.db")]);
        running.child.stdin?.end(`INSERT INTO hosts (id, name, endpoint, environment_id, created_at) VALUES ${rows.join(",")};`);
        await running;
    }

    /** Ends the process as a service manager does, and fails if it takes longer than it may. */
    async halt(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
        const child = this.child;
        this.child = null;
        if (!child || child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        child.kill(signal);
        const late = setTimeout(() => child.kill("SIGKILL"), 12_000);
        await gone;
        clearTimeout(late);
        if (signal === "SIGTERM" && child.signalCode === "SIGKILL") throw new Error("the console did not end within 12 s of SIGTERM");
    }

    async stop(): Promise<void> {
        try {
            await this.halt();
        } finally {
            await rm(this.dataDir, { recursive: true, force: true });
        }
        // Whatever the test was about: the console never panics and never fails by itself.
        const bugs = this.output.split("\n").filter((line) => /a bug: please report it|internal error/.test(line));
        if (bugs.length) throw new Error(`the console had ${bugs.length} bugs:\n${bugs.slice(0, 5).join("\n")}`);
    }
}

export function required(name: string): string {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set: \`make test\` sets it`);
    return value;
}

export function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
        });
    });
}
