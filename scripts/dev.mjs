// make dev: watches the sources, builds by dev-build.sh and serves the result. A build that fails leaves the last good
// server running.
import { spawn } from "node:child_process";
import { existsSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const WATCHED = ["app", "frontend", "server", "style", "public", "migrations", "Cargo.toml", "Cargo.lock"];
const QUIET_MS = 200; // an editor writes several files at a time

let server = null;
let building = false;
let again = false;

function build() {
    return new Promise((resolve) => {
        const child = spawn(join(root, "scripts/dev-build.sh"), { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
        let out = "";
        child.stdout.on("data", (data) => (out += data));
        child.on("close", (code) => resolve(code === 0 ? out.trim().split("\n").at(-1) : null));
    });
}

async function stop() {
    if (!server) return;
    const old = server;
    server = null;
    const gone = new Promise((resolve) => old.once("close", resolve));
    old.kill("SIGTERM");
    await gone;
}

async function round() {
    if (building) {
        again = true;
        return;
    }
    building = true;
    do {
        again = false;
        const started = Date.now();
        const binary = await build();
        const seconds = ((Date.now() - started) / 1000).toFixed(1);
        if (!binary) {
            console.error(`==> build failed after ${seconds} s; waiting for the next change`);
        } else if (!again) {
            await stop();
            console.error(`==> built in ${seconds} s`);
            server = spawn(binary, ["serve"], { cwd: root, stdio: "inherit", env: { ECOS_DEV: "true", ...process.env } });
        }
    } while (again);
    building = false;
}

let timer = null;
for (const path of WATCHED.map((name) => join(root, name)).filter(existsSync)) {
    watch(path, { recursive: true }, (_event, file) => {
        if (file && (/(^|\/)node_modules(\/|$)/.test(file) || file.endsWith("~"))) return;
        clearTimeout(timer);
        timer = setTimeout(round, QUIET_MS);
    });
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop().then(() => process.exit(0)));
await round();
