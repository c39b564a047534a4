// The API as a script uses it: a token, and connections that stay open.
import { Agent, request } from "node:http";

import { ADMIN, type Server } from "./server.ts";

export interface Answer {
    status: number;
    text: string;
}

export class Api {
    private readonly agent = new Agent({ keepAlive: true });

    private constructor(
        private readonly port: number,
        readonly token: string,
    ) {}

    /** With a new token of ADMIN, whom the server must have. */
    static async of(server: Server): Promise<Api> {
        const token = await server.command(["token", "create", "--user", ADMIN.username, "--name", `rig-${process.pid}-${Date.now()}`]);
        return new Api(server.port, token.trim());
    }

    call(method: string, path: string, body?: unknown): Promise<Answer> {
        return new Promise((resolve, reject) => {
            const sent = request(
                {
                    host: "127.0.0.1",
                    port: this.port,
                    method,
                    path: `/api/v1${path}`,
                    agent: this.agent,
                    headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
                },
                (answer) => {
                    const parts: Buffer[] = [];
                    answer.on("data", (part: Buffer) => parts.push(part));
                    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
                    answer.on("error", reject);
                },
            );
            sent.on("error", reject);
            sent.end(body === undefined ? undefined : JSON.stringify(body));
        });
    }

    /** GET, which must answer 200. */
    async get<T = Record<string, any>>(path: string): Promise<T> {
        const answer = await this.call("GET", path);
        if (answer.status !== 200) throw new Error(`GET ${path} answers ${answer.status}: ${answer.text}`);
        return JSON.parse(answer.text) as T;
    }

    close(): void {
        this.agent.destroy();
    }
}
