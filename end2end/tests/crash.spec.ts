// `kill -9` at any time: the next start is clean, nothing that was acknowledged is lost, what was under way is closed truthfully.
import { Api } from "../rig/api.ts";
import { docker } from "../rig/docker.ts";
import { FakeEngines } from "../rig/fake-engines.ts";
import { Server } from "../rig/server.ts";
import { expect, signIn, test } from "../rig/test.ts";
import { until } from "../rig/until.ts";

test("what was acknowledged survives, whenever the console is killed", async ({ context }) => {
    const server = await Server.start({ admin: true });
    try {
        await signIn(context, server);
        const headers = { "x-ecos-page": "1", origin: server.url };
        for (const theme of ["dark", "light", "dark", "system", "dark"]) {
            const kept = await context.request.patch(`${server.url}/api/v1/account`, { data: { theme }, headers });
            expect(kept.status()).toBe(200);
            await server.halt("SIGKILL");
            await server.run();
            // The session lives on, too.
            const account = await context.request.get(`${server.url}/api/v1/account`);
            expect(account.status()).toBe(200);
            expect((await account.json()).theme).toBe(theme);
        }
        const trail = await context.request.get(`${server.url}/api/v1/audit?q=account.update`).then((r) => r.json());
        expect(trail.items.filter((r: { action: string }) => r.action === "update").length).toBeGreaterThanOrEqual(5);
        expect(await server.command(["audit", "verify"])).toBeTruthy();
    } finally {
        await server.stop();
    }
});

for (const after of [5, 400]) {
    test(`a stop that was under way for ${after} ms is closed as the engine has it`, async ({ containers }) => {
        test.slow();
        // Deaf to TERM: stopping takes its whole grace of 2 s.
        const id = await containers.run("deaf", { args: ["--stop-timeout", "2"], command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"] });
        const server = await Server.start({ admin: true });
        const api = await Api.of(server);
        try {
            await until("it is listed", async () => (await api.get(`/containers?q=${id}`)).total === 1);
            const asked = api.call("POST", `/containers/${id}/stop`, {}).catch(() => undefined);
            await new Promise((resolve) => setTimeout(resolve, after));
            await server.halt("SIGKILL");
            await asked;
            await server.run();
            const trail = async () => (await api.get(`/audit?object_id=${id}`)).items as { action: string; outcome: string }[];
            await until("the intent is closed", async () => (await trail()).every((r) => r.outcome !== "open"), 45_000);
            const told = await trail();
            expect(told.length, "one record or none").toBeLessThanOrEqual(1);
            const running = (await docker("inspect", "-f", "{{.State.Running}}", id)) === "true";
            if (told[0]?.outcome === "done") expect(running).toBe(false);
            if (told[0]?.outcome === "not_done") {
                // Unless the engine finished what it had begun after it was asked.
                expect(await docker("events", "--since", "30s", "--until", "0s", "--filter", `container=${id}`, "--filter", "event=kill", "--format", "x")).toBe("");
            }
            expect(await server.command(["audit", "verify"])).toBeTruthy();
            // And it can be driven as before.
            expect((await api.call("POST", `/containers/${id}/stop`, {})).status).toBe(200);
            expect(await docker("inspect", "-f", "{{.State.Running}}", id)).toBe("false");
        } finally {
            api.close();
            await server.stop();
        }
    });
}

// Before the old one has stopped, which takes its whole grace of 2 s; while the new one is watched; when it is about to be over, or is.
for (const after of [50, 1_000, 3_500, 6_000]) {
    test(`a replacement that is killed after ${after} ms leaves one container that runs`, async ({ containers }) => {
        test.slow();
        const deaf = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"];
        const old = await containers.run("cut", { args: ["--stop-timeout", "2"], command: deaf });
        const name = containers.name("cut");
        const server = await Server.start({ admin: true });
        const api = await Api.of(server);
        try {
            await until("it is listed", async () => (await api.get(`/containers?q=${old}`)).total === 1);
            const asked = await api.call("POST", `/containers/${old}/recreate`, { limits: { memory_bytes: 64 << 20 } });
            expect(asked.status).toBe(202);
            await new Promise((resolve) => setTimeout(resolve, after));
            await server.halt("SIGKILL");
            await server.run();
            const trail = async () => (await api.get(`/audit?object_id=${old}`)).items as { action: string; outcome: string }[];
            await until("the intent is closed", async () => (await trail()).every((r) => r.outcome !== "open"), 60_000);
            const standing = await docker("ps", "-a", "--no-trunc", "--filter", `name=${name}`, "--format", "{{.ID}} {{.Names}} {{.State}}");
            const told = (await trail()).map((r) => [r.action, r.outcome]);
            const [id] = standing.split(" ");
            expect(standing).toBe(`${id} ${name} running`);
            expect(told).toEqual([["recreate", id === old ? "not_done" : "done"]]);
            const operation = await api.get(`/operations/${JSON.parse(asked.text).id}`);
            expect(["interrupted", "succeeded"]).toContain(operation.state);
            expect(await server.command(["audit", "verify"])).toBeTruthy();
        } finally {
            api.close();
            await server.stop();
        }
    });
}

for (const done of [false, true]) {
    test(`a kill between intent and effect is closed truthfully where the engine ${done ? "did it and never said so" : "never did it"}`, async () => {
        test.slow();
        const engines = await FakeEngines.start(1, 1);
        const server = await Server.start({ admin: true, dockerHost: engines.endpoint(0) });
        const api = await Api.of(server);
        try {
            await until("it is listed", async () => (await api.get("/containers")).total === 1);
            const id = (await api.get("/containers")).items[0].id as string;
            if ((await api.get(`/containers/${id}`)).state !== "running") await engines.touch(0, 0);
            await until("it runs", async () => (await api.get(`/containers/${id}`)).state === "running");
            await engines.deaf(0, "stop", done);
            const trail = async () => (await api.get(`/audit?object_id=${id}`)).items as { action: string; outcome: string }[];
            const asked = api.call("POST", `/containers/${id}/stop`).catch(() => undefined);
            await until("the intent is on record", async () => (await trail()).some((r) => r.action === "stop" && r.outcome === "open"));
            await until("it was sent", async () => (await engines.stats())["POST /containers/{id}/stop"] === 1);
            await server.halt("SIGKILL");
            await asked;
            await server.run();
            // That it was not done is said once the container's grace is over, and half a minute.
            await until("the intent is closed", async () => (await trail()).every((r) => r.outcome !== "open"), 75_000);
            expect((await trail()).map((r) => [r.action, r.outcome])).toEqual([["stop", done ? "done" : "not_done"]]);
            expect((await api.get(`/containers/${id}`)).state).toBe(done ? "exited" : "running");
            expect(await server.command(["audit", "verify"])).toBeTruthy();
        } finally {
            api.close();
            await server.stop();
            await engines.stop();
        }
    });
}
