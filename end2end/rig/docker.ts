// The tests' Docker engine by its own command line: another road than the console's, so that one proves the other.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export const IMAGE = "ecos-test/busybox:1";
export const OWNER = "ecos-test.owner";

export function dockerHost(): string {
    return process.env.ECOS_TEST_DOCKER_HOST ?? "unix:///var/run/docker.sock";
}

/** Runs `docker …` and returns its standard output without the last line's end. */
export async function docker(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)("docker", args, {
        env: { ...process.env, DOCKER_HOST: dockerHost() },
        maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trimEnd();
}

export interface Run {
    labels?: Record<string, string>;
    /** Further arguments of `docker run`. */
    args?: string[];
    /** What it runs; sleeps, ending at once when asked to, unless told otherwise. */
    command?: string[];
    image?: string;
}

const SLEEP = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"];

/** Containers of one test, under names of its own, removed at its end. */
export class Containers {
    private readonly ids = new Set<string>();
    readonly prefix = `e2e-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;

    name(name: string): string {
        return `${this.prefix}-${name}`;
    }

    /** Starts a container and returns its full id. Its name is `prefix-name`. */
    async run(name: string, options: Run = {}): Promise<string> {
        return this.make("run", "-d", name, options);
    }

    async create(name: string, options: Run = {}): Promise<string> {
        return this.make("create", "-i", name, options);
    }

    /** A container of this name that the test has the console make: it goes with the test, too. */
    adopt(name: string): void {
        this.ids.add(this.name(name));
    }

    private async make(verb: string, flag: string, name: string, { labels = {}, args = [], command = SLEEP, image = IMAGE }: Run) {
        const all = { [OWNER]: String(process.pid), ...labels };
        const flags = Object.entries(all).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
        const full = this.name(name);
        this.ids.add(full);
        return docker(verb, flag, "--name", full, "--network", "none", ...flags, ...args, image, ...command);
    }

    async removeAll(): Promise<void> {
        // One by one: one that is not there keeps no other.
        for (const id of this.ids) await docker("rm", "-fv", id).catch(() => undefined);
        this.ids.clear();
    }
}

/** Removes containers of test processes that are gone: a killed run leaves them. */
export async function removeStale(): Promise<void> {
    // Not `-q`: docker leaves out the format then.
    const lines = (await docker("ps", "-a", "--filter", `label=${OWNER}`, "--format", `{{.ID}} {{.Label "${OWNER}"}}`)).split("\n");
    const alive = (pid: string) => {
        try {
            process.kill(Number(pid), 0);
            return true;
        } catch {
            return false;
        }
    };
    const stale = lines.map((line) => line.split(" ")).filter(([id, pid]) => id && !alive(pid!)).map(([id]) => id!);
    if (stale.length) await docker("rm", "-fv", ...stale).catch(() => undefined);
}
