// The live socket as a script uses it.
import WebSocket from "ws";

import type { Server } from "./server.ts";
import { until } from "./until.ts";

export interface Changed {
    kind: string;
    id: string;
    version: number;
}

export class Live {
    private readonly heard: { id: string; at: bigint }[] = [];

    private constructor(private readonly socket: WebSocket) {}

    /** Opens the socket and one subscription on these kinds. */
    static async open(server: Server, token: string, kinds: string[]): Promise<Live> {
        const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/v1/live`, { headers: { authorization: `Bearer ${token}` } });
        const live = new Live(socket);
        await new Promise<void>((resolve, reject) => {
            socket.once("error", reject);
            socket.once("open", () => socket.send(JSON.stringify({ type: "subscribe", sub: 1, topic: { kind: "changes", kinds }, credit: 4_000_000 })));
            socket.on("message", (data) => {
                const at = process.hrtime.bigint();
                const text = data.toString();
                const frame = JSON.parse(text);
                if (frame.type === "subscribed") resolve();
                if (frame.type === "refused") reject(new Error(text));
                if (frame.type !== "changes") return;
                socket.send(JSON.stringify({ type: "credit", sub: 1, bytes: Buffer.byteLength(text) }));
                for (const item of frame.items as Changed[]) live.heard.push({ id: item.id, at });
            });
        });
        return live;
    }

    /** When the first change of this object after `since` arrived, on the clock of `process.hrtime.bigint()`. */
    async arrival(id: string, since: bigint): Promise<bigint> {
        const found = () => this.heard.find((change) => change.id === id && change.at > since);
        await until(`a change of ${id} arrives`, () => found() !== undefined, 5_000);
        return found()!.at;
    }

    close(): void {
        this.socket.close();
    }
}
