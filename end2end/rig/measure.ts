// Reading what a process used, and keeping figures for the table of `make bench`.
import { appendFileSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OUT = fileURLToPath(new URL("../.out/bench/", import.meta.url));
const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** Processor time of a process since it began, in seconds, all threads. */
export function cpuSeconds(pid: number): number {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory of a process in megabytes (10⁶). */
export function residentMb(pid: number): number {
    const line = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m);
    return (Number(line?.[1] ?? 0) * 1024) / 1e6;
}

/** Processes of this name. */
export function pidsOf(name: string): number[] {
    const comm = (pid: string) => {
        try {
            return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
        } catch {
            return "";
        }
    };
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && comm(pid) === name).map(Number);
}

export function quantile(values: number[], q: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** One row of the table: what, measured, budget, and whether the budget holds. */
export function row(what: string, measured: string, budget = "", holds = true): void {
    mkdirSync(OUT, { recursive: true });
    const mark = budget === "" || holds ? "" : " **over**";
    appendFileSync(`${OUT}rows.md`, `| ${what} | ${measured}${mark} | ${budget} |\n`);
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
export const mb = (value: number): string => `${value.toFixed(1)} MB`;
