// Many small Docker engines in one process, each on a unix socket of its own: for lists of thousands, where real containers
// would need another machine. They answer what the console asks of an engine (API 1.41) and change on command.
//
//   node fake-engines.mjs DIR HOSTS CONTAINERS_PER_HOST
//
// Sockets are DIR/e0.sock …. Each line on standard input is a command, answered by a line of JSON on standard output:
//   touch HOST INDEX     stops or starts that container; answers with when the event was sent, in nanoseconds of the monotonic clock and
//                        milliseconds of the wall clock
//   remove HOST INDEX    takes that container away, as `docker rm -f` does
//   deaf HOST WORD       takes requests to POST /containers/…/WORD and says nothing; with "done" after it, it does what is asked first
//   hang HOST | wake HOST     takes connections and says nothing | answers again
//   stats                how many requests each kind of path got since the last time
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { join } from "node:path";

const [dir, hostCount, perHost] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
/** How many events an engine remembers. */
const PAST = 256;
const BORN = Math.floor(Date.now() / 1000) - 6 * 86_400;

const APPLICATIONS = [
    ["payments", ["api", "worker", "db", "cache"]],
    ["ledger", ["api", "batch", "db"]],
    ["storefront", ["web", "web-edge", "search", "cache"]],
    ["identity", ["auth", "directory"]],
    ["billing", ["invoice", "mailer", "db"]],
    ["telemetry", ["collector", "store"]],
];
const IMAGES = {
    db: "postgres:15.8",
    cache: "redis:7.2.5",
    web: "nginx:1.27.1",
    "web-edge": "nginx:1.27.1",
    store: "victoriametrics/victoria-metrics:v1.102.1",
};

const hex = (text) => createHash("sha256").update(text).digest("hex");
const counted = new Map();
const count = (key) => counted.set(key, (counted.get(key) ?? 0) + 1);

class Engine {
    constructor(index) {
        this.index = index;
        this.name = `node-${String(index + 1).padStart(3, "0")}`;
        this.hanging = false;
        this.deaf = new Map();
        this.streams = new Set();
        // As an engine does it, for whoever asks for what has been since a moment: [nanoseconds, line].
        this.past = [];
        this.containers = Array.from({ length: perHost }, (_, i) => container(index, i));
        this.server = createServer((request, response) => this.answer(request, response));
        this.server.keepAliveTimeout = 600_000;
    }

    listen() {
        return new Promise((resolve) => this.server.listen(join(dir, `e${this.index}.sock`), resolve));
    }

    answer(request, response) {
        const url = new URL(request.url, "http://engine");
        const path = url.pathname.replace(/^\/v\d+\.\d+/, "");
        count(`${request.method} ${path.replace(/[0-9a-f]{64}/, "{id}")}`);
        request.resume();
        if (this.hanging) return;
        response.setHeader("Api-Version", "1.41");
        response.setHeader("Server", "Docker/20.10.24 (linux)");
        const json = (status, value) => {
            response.writeHead(status, { "Content-Type": "application/json" });
            response.end(JSON.stringify(value));
        };
        const one = path.match(/^\/containers\/([^/]+)\/?(\w*)$/);
        if (path === "/_ping") return response.writeHead(200, { "Content-Type": "text/plain" }).end(request.method === "HEAD" ? "" : "OK");
        if (path === "/version") return json(200, this.version());
        if (path === "/info") return json(200, this.info());
        if (path === "/events") return this.events(url.searchParams.get("since"), response);
        if (path === "/containers/json") return json(200, this.containers.map((c) => this.listed(c)));
        if (one) {
            const found = this.containers.find((c) => c.id.startsWith(one[1]) || c.name === one[1]);
            if (!found) return json(404, { message: `No such container: ${one[1]}` });
            if (request.method === "GET" && one[2] === "json") return json(200, this.inspected(found));
            if (request.method === "GET" && one[2] === "logs") return this.logs(found, response);
            if (request.method === "GET" && one[2] === "stats") return this.usage(found, url.searchParams.get("stream") !== "false", response);
            if (request.method === "GET" && one[2] === "top") {
                return json(200, { Titles: ["PID", "USER", "%CPU", "RSS", "ELAPSED", "COMMAND"], Processes: [["4711", "root", "3.0", "51200", "3600", found.service]] });
            }
            const deaf = request.method === "POST" ? this.deaf.get(one[2]) : undefined;
            if (deaf !== undefined) {
                if (deaf === "done") this.set(found, one[2] !== "stop");
                return;
            }
            if (request.method === "POST" && ["start", "stop", "restart"].includes(one[2])) {
                this.set(found, one[2] !== "stop");
                return response.writeHead(204).end();
            }
        }
        return json(404, { message: "page not found" });
    }

    version() {
        return {
            Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12", GitCommit: "5d6db84", GoVersion: "go1.19.8",
            Os: "linux", Arch: "amd64", KernelVersion: "6.1.0-28-amd64", Components: [], Platform: { Name: "" },
        };
    }

    info() {
        const running = this.containers.filter((c) => c.running).length;
        return {
            ID: hex(`engine ${this.index}`).slice(0, 32), Name: this.name, ServerVersion: "20.10.24", OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
            OSType: "linux", Architecture: "x86_64", KernelVersion: "6.1.0-28-amd64", NCPU: 16, MemTotal: 64 * 1024 ** 3, Driver: "overlay2",
            DockerRootDir: "/var/lib/docker", CgroupVersion: "2", CgroupDriver: "systemd", LoggingDriver: "json-file", Images: 23,
            Containers: perHost, ContainersRunning: running, ContainersPaused: 0, ContainersStopped: perHost - running,
            Runtimes: { runc: { path: "runc" } }, DefaultRuntime: "runc", SecurityOptions: ["name=seccomp,profile=default"],
            Swarm: { LocalNodeState: "inactive" }, Warnings: null, Plugins: {}, RegistryConfig: {}, Labels: [],
        };
    }

    listed(c) {
        return {
            Id: c.id, Names: [`/${c.name}`], Image: c.image, ImageID: `sha256:${hex(c.image)}`, Command: c.service, Created: c.created,
            State: state(c), Status: status(c),
            Ports: c.port ? [{ IP: "0.0.0.0", PrivatePort: 8080, PublicPort: c.port, Type: "tcp" }] : [], Labels: c.labels, Mounts: [],
            HostConfig: { NetworkMode: "default" }, NetworkSettings: { Networks: {} },
        };
    }

    inspected(c) {
        const at = (s) => new Date(s * 1000).toISOString();
        return {
            Id: c.id, Name: `/${c.name}`, Image: `sha256:${hex(c.image)}`, Created: at(c.created), Path: `/usr/bin/${c.service}`, Args: ["--port", "8080"],
            RestartCount: 0, Driver: "overlay2", Platform: "linux",
            State: {
                Status: state(c), Running: c.running, Paused: false, Restarting: c.looping, OOMKilled: c.exit === 137, Dead: false,
                Pid: c.running ? 4711 : 0, ExitCode: c.running ? 0 : c.exit, Error: "", StartedAt: at(c.created + 60),
                FinishedAt: c.running ? "0001-01-01T00:00:00Z" : at(c.ended ?? c.created + 7200),
                ...(c.health ? { Health: { Status: c.health, FailingStreak: c.health === "unhealthy" ? 5 : 0, Log: [] } } : {}),
            },
            Config: {
                Hostname: c.id.slice(0, 12), User: "", Env: ["PATH=/usr/bin", "DATABASE_PASSWORD=not-for-readers"], Cmd: null, Image: c.image, WorkingDir: "/",
                Entrypoint: null, Labels: c.labels, Tty: false, ExposedPorts: { "8080/tcp": {} },
            },
            HostConfig: {
                NetworkMode: "default", RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 }, AutoRemove: false, Privileged: false,
                Memory: 512 * 1024 ** 2, NanoCpus: 1_500_000_000, PidsLimit: 256, LogConfig: { Type: "json-file", Config: {} }, ReadonlyRootfs: true,
                CapAdd: null, CapDrop: ["ALL"], Binds: null, PortBindings: {}, IpcMode: "private", PidMode: "", SecurityOpt: null, Devices: [],
            },
            Mounts: [],
            NetworkSettings: { Networks: {}, Ports: c.running && c.port ? { "8080/tcp": [{ HostIp: "0.0.0.0", HostPort: String(c.port) }] } : {} },
        };
    }

    logs(c, response) {
        response.writeHead(200, { "Content-Type": "application/vnd.docker.raw-stream" });
        for (let n = 0; n < 40; n++) {
            const line = Buffer.from(`${new Date((c.created + n * 61) * 1000).toISOString()} GET /v1/accounts/${n} 200 ${3 + n} ms\n`);
            const head = Buffer.alloc(8);
            head[0] = n % 9 === 8 ? 2 : 1;
            head.writeUInt32BE(line.length, 4);
            response.write(Buffer.concat([head, line]));
        }
        response.end();
    }

    /** What a container uses, once or each second until nobody listens: a share of its limits that moves slowly. */
    usage(c, stream, response) {
        response.writeHead(200, { "Content-Type": "application/json" });
        const share = (parseInt(c.id.slice(0, 4), 16) % 70) / 100 + 0.1;
        const said = (now) => ({
            read: new Date(now).toISOString(), preread: new Date(now - 1000).toISOString(), pids_stats: { current: 12 },
            blkio_stats: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: "Read", value: now }, { major: 8, minor: 0, op: "Write", value: now * 2 }] },
            cpu_stats: { cpu_usage: { total_usage: Math.round(now * 1e6 * share) }, throttling_data: { periods: now, throttled_periods: 0 } },
            precpu_stats: { cpu_usage: { total_usage: Math.round((now - 1000) * 1e6 * share) }, throttling_data: { periods: now - 1000, throttled_periods: 0 } },
            memory_stats: { usage: Math.round((share + Math.sin(now / 60_000) / 20) * 512 * 1024 ** 2), limit: 512 * 1024 ** 2, stats: { inactive_file: 0 } },
            networks: { eth0: { rx_bytes: now * 40, tx_bytes: now * 8 } },
        });
        if (!stream) return response.end(JSON.stringify(said(Date.now())));
        const tell = () => response.write(`${JSON.stringify(said(Date.now()))}\n`);
        tell();
        const timer = setInterval(tell, 1000);
        response.on("close", () => clearInterval(timer));
    }

    events(since, response) {
        response.writeHead(200, { "Content-Type": "application/json" });
        response.flushHeaders();
        if (since) {
            const [seconds, rest = ""] = since.split(".");
            const from = BigInt(seconds) * 1_000_000_000n + BigInt(rest.padEnd(9, "0"));
            for (const [nanos, line] of this.past) if (nanos >= from) response.write(line);
        }
        this.streams.add(response);
        response.on("close", () => this.streams.delete(response));
    }

    /** Starts or stops a container and tells all who follow the events. Returns when the event was sent. */
    set(c, running) {
        c.running = running;
        c.looping = false;
        if (!running) c.ended = Date.now() / 1000;
        return this.tell(c, running ? "start" : "die", Date.now());
    }

    /** Tells all who follow the events. Returns when the event was sent. */
    tell(c, action, now) {
        // No two of an engine's events have the same time.
        const nanos = [BigInt(now) * 1_000_000n, (this.past.at(-1)?.[0] ?? 0n) + 1n].reduce((a, b) => (a > b ? a : b));
        const event = {
            status: action, id: c.id, from: c.image, Type: "container", Action: action,
            Actor: { ID: c.id, Attributes: { ...c.labels, image: c.image, name: c.name, ...(action === "die" ? { exitCode: String(c.exit) } : {}) } },
            scope: "local", time: Math.floor(now / 1000), timeNano: 0,
        };
        // More digits than a number of JavaScript holds.
        const line = `${JSON.stringify(event).replace(/"timeNano":0}$/, `"timeNano":${nanos}}`)}\n`;
        this.past.push([nanos, line]);
        if (this.past.length > PAST) this.past.shift();
        const at = process.hrtime.bigint();
        for (const stream of this.streams) stream.write(line);
        return at;
    }
}

const state = (c) => (c.looping ? "restarting" : c.running ? "running" : "exited");

function status(c) {
    if (c.looping) return `Restarting (${c.exit}) 12 seconds ago`;
    return c.running ? `Up 3 days${c.health ? ` (${c.health})` : ""}` : `Exited (${c.exit}) 2 hours ago`;
}

function container(host, i) {
    const [application, services] = APPLICATIONS[(host * 7 + Math.floor(i / 4)) % APPLICATIONS.length];
    const service = services[i % services.length];
    const loose = i % 11 === 10;
    const name = loose ? `job-${hex(`${host}/${i}`).slice(0, 6)}` : `${application}-${service}-${Math.floor(i / services.length) + 1}`;
    const kind = (host * 31 + i * 17) % 40;
    return {
        id: hex(`container ${host}/${i}`), name: i < services.length * 40 ? name : `${name}-${i}`, service,
        image: IMAGES[service] ?? `registry.example.com/${application}/${service}:2026.11.${1 + (i % 20)}`,
        created: BORN + ((host * 977 + i * 613) % 500_000), running: loose ? false : kind > 2, exit: kind === 1 || kind === 3 ? 137 : kind === 2 ? 1 : 0,
        looping: kind === 3 && !loose,
        health: kind === 7 ? "unhealthy" : service === "db" || service === "api" ? "healthy" : "",
        port: service === "web" || service === "api" ? 8000 + ((host * 13 + i) % 1000) : 0,
        labels: loose ? {} : { "com.docker.compose.project": application, "com.docker.compose.service": service },
    };
}

const engines = Array.from({ length: hostCount }, (_, i) => new Engine(i));
await Promise.all(engines.map((engine) => engine.listen()));
console.log(JSON.stringify({ ready: hostCount }));

createInterface({ input: process.stdin }).on("line", (line) => {
    const [verb, host, index, how] = line.split(" ");
    const engine = engines[Number(host)];
    const say = (value) => console.log(JSON.stringify(value));
    if (verb === "touch") {
        const c = engine.containers[Number(index)];
        const wall = performance.timeOrigin + performance.now();
        say({ at: String(engine.set(c, !c.running)), wall, id: c.id });
    } else if (verb === "remove") {
        const [c] = engine.containers.splice(Number(index), 1);
        engine.tell(c, "destroy", Date.now());
        say({ id: c.id });
    } else if (verb === "deaf") {
        engine.deaf.set(index, how ?? "");
        say({ deaf: [...engine.deaf.keys()] });
    } else if (verb === "hang" || verb === "wake") {
        engine.hanging = verb === "hang";
        say({ hanging: engine.hanging });
    } else if (verb === "stats") {
        say(Object.fromEntries(counted));
        counted.clear();
    } else {
        say({ error: `no command ${verb}` });
    }
}).on("close", () => process.exit(0));
