// Watching what containers use over the live socket, as a script does it.
import WebSocket from "ws";

import type { Server } from "./server.ts";
import { until } from "./until.ts";

export interface Ref {
    host_id: string;
    id: string;
}

export class Watching {
    /** Frames that came, and the rows of the newest. */
    frames = 0;
    rows: (number | null)[][] = [];

    private constructor(private readonly socket: WebSocket) {}

    /** Opens a socket and watches these containers. */
    static async open(server: Server, token: string, containers: Ref[]): Promise<Watching> {
        const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/v1/live`, { headers: { authorization: `Bearer ${token}` } });
        const watching = new Watching(socket);
        await new Promise<void>((resolve, reject) => {
            socket.once("error", reject);
            socket.once("open", () => socket.send(JSON.stringify({ type: "subscribe", sub: 1, topic: { kind: "stats", containers }, credit: 4_000_000 })));
            socket.on("message", (data) => {
                const text = data.toString();
                const frame = JSON.parse(text);
                if (frame.type === "subscribed") resolve();
                if (frame.type === "refused") reject(new Error(text));
                if (frame.type !== "stats") return;
                socket.send(JSON.stringify({ type: "credit", sub: 1, bytes: Buffer.byteLength(text) }));
                watching.frames++;
                watching.rows = frame.rows;
            });
        });
        return watching;
    }

    /** Waits until there are figures of so many containers. */
    async tells(containers: number): Promise<void> {
        await until(`figures of ${containers} containers`, () => this.rows.length >= containers, 15_000);
    }

    close(): void {
        this.socket.close();
    }
}
