// The `test` of all browser tests: a console per file, containers of one's own, and a page that must stay silent.
import { type BrowserContext, type Page, expect, test as base } from "@playwright/test";

import { Containers } from "./docker.ts";
import { FakeEngines } from "./fake-engines.ts";
import { ADMIN, type Options, Server } from "./server.ts";
import { type Language, type Words, words } from "./words.ts";

export { expect };

/** What a page said that it should not have: console messages, errors, reports of the content security policy. */
export class Complaints {
    private readonly all: string[] = [];
    private ended = false;
    // The browser's word that it left the keyboard where the reader had put it, before the page had come whole.
    private readonly allowed: RegExp[] = [
        /Autofocus processing was blocked because a document already has a focused element/,
        // Each container on a bridge is a new interface of the machine that the browser runs on: what was under way fails. What is read, and parts of
        // the page, are asked for once more (errors.spec.ts, frame.spec.ts).
        /net::ERR_NETWORK_CHANGED/,
    ];

    watch(page: Page): void {
        page.on("console", (message) => this.add(`console.${message.type()}: ${message.text()} (${message.location().url})`));
        page.on("pageerror", (error) => this.add(`page error: ${error.stack ?? error.message}`));
        page.on("crash", () => this.add("the page crashed"));
    }

    /** Lets a test cause what it is about (a refused sign-in logs its 401). */
    allow(pattern: RegExp): void {
        this.allowed.push(pattern);
    }

    add(text: string): void {
        if (!this.ended) this.all.push(text);
    }

    /** The test is over: what is taken away from under its pages is not what it is about. */
    end(): void {
        this.ended = true;
    }

    left(): string[] {
        return this.all.filter((text) => !this.allowed.some((pattern) => pattern.test(text)));
    }
}

interface Fixtures {
    language: Language;
    w: Words;
    complaints: Complaints;
    containers: Containers;
    /** Starts engines of the rig; they end with the test, when what its pages say of that no longer counts. */
    fakes: (hosts: number, perHost: number) => Promise<FakeEngines>;
    /** A page that is signed in as ADMIN, in the language. */
    signedIn: Page;
    /** Starts a console of the test's own; it ends with the test, after the pages that it serves. */
    start: (options?: Options) => Promise<Server>;
}

interface WorkerFixtures {
    serverOptions: Options;
    server: Server;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
    serverOptions: [{ admin: true }, { option: true, scope: "worker" }],
    server: [
        async ({ serverOptions }, use) => {
            const server = await Server.start(serverOptions);
            await use(server);
            await server.stop();
        },
        { scope: "worker" },
    ],

    language: ["en", { option: true }],
    locale: async ({ language }, use) => use(language === "en" ? "en-GB" : "zh-CN"),
    baseURL: async ({ server }, use) => use(server.url),
    w: async ({ language }, use) => use(words(language)),

    complaints: [
        async ({ context }, use) => {
            const complaints = new Complaints();
            context.on("page", (page) => complaints.watch(page));
            await context.addInitScript(() => {
                addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
            });
            // Nothing is ever asked of another machine.
            await context.route((url) => !["127.0.0.1", "localhost"].includes(url.hostname), (route) => {
                complaints.add(`request to ${route.request().url()}`);
                return route.abort();
            });
            await use(complaints);
            expect(complaints.left(), "what pages said in their consoles").toEqual([]);
        },
        { auto: true },
    ],

    containers: async ({ complaints }, use) => {
        const containers = new Containers();
        await use(containers);
        complaints.end();
        await containers.removeAll();
    },

    fakes: async ({ complaints }, use) => {
        const all: FakeEngines[] = [];
        await use(async (hosts, perHost) => {
            const engines = await FakeEngines.start(hosts, perHost);
            all.push(engines);
            return engines;
        });
        complaints.end();
        for (const engines of all) await engines.stop();
    },

    start: async ({ context }, use) => {
        const servers: Server[] = [];
        await use(async (options) => {
            const server = await Server.start(options);
            servers.push(server);
            return server;
        });
        for (const page of context.pages()) await page.close();
        for (const server of servers) await server.stop();
    },

    signedIn: async ({ context, page, server, language }, use) => {
        await signIn(context, server, language);
        await use(page);
    },
});

/** Signs the context in by the API, in a language. */
export async function signIn(context: BrowserContext, server: Server, language: Language = "en"): Promise<void> {
    const headers = { "x-ecos-page": "1", origin: server.url };
    const answer = await context.request.post(`${server.url}/api/v1/session`, { data: ADMIN, headers });
    expect(answer.ok(), `sign-in answers ${answer.status()}: ${await answer.text()}`).toBe(true);
    // Tests share the account: another may have left it in the other language.
    const kept = await context.request.patch(`${server.url}/api/v1/account`, { data: { language }, headers });
    expect(kept.ok(), `the language answers ${kept.status()}`).toBe(true);
}

/** Opens a path and waits until the page is alive. */
export async function open(page: Page, path: string): Promise<void> {
    await page.goto(path);
    await hydrated(page);
}

export async function hydrated(page: Page): Promise<void> {
    await expect(page.locator("html[data-hydrated]")).toBeAttached();
}
