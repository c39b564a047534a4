// The pages there are, for what walks all of them.
export interface Route {
    /** For file names and test titles. */
    name: string;
    path: string;
    /** Whether it shows to somebody who is not signed in. */
    open?: boolean;
}

/**
 * All pages of a console that has an account; `container` and `host` are ids of objects that are there. The set-up page is there before that
 * alone: `start()` without an account, and `server.setupLink()`.
 */
export function routes(container: string, host: string): Route[] {
    return [
        { name: "sign-in", path: "/sign-in", open: true },
        { name: "overview", path: "/" },
        { name: "containers", path: "/containers" },
        { name: "containers-by-host", path: "/containers?group=host" },
        { name: "container", path: `/containers/${container}` },
        { name: "container-logs", path: `/containers/${container}?tab=logs` },
        { name: "container-metrics", path: `/containers/${container}?tab=metrics` },
        { name: "container-terminal", path: `/containers/${container}?tab=terminal` },
        { name: "container-files", path: `/containers/${container}?tab=files` },
        { name: "container-events", path: `/containers/${container}?tab=events` },
        { name: "container-inspect", path: `/containers/${container}?tab=inspect` },
        { name: "hosts", path: "/hosts" },
        { name: "host", path: `/hosts/${host}` },
        { name: "logs", path: "/logs" },
        { name: "operations", path: "/operations" },
        { name: "policy", path: "/policy" },
        { name: "audit", path: "/audit" },
        { name: "account", path: "/account" },
        { name: "api-reference", path: "/api-reference" },
        { name: "not-found", path: "/no-such-page" },
    ];
}

/** The design system's pages, there where ECOS_DEV is set. */
export function design(): Route[] {
    return ["list", "parts", "forms", "overlays"].map((show) => ({ name: `design-${show}`, path: `/design?show=${show}`, open: true }));
}

/** Ids for {@link routes}: the first host, and the first container where there is one. */
export async function ids(get: (path: string) => Promise<any>): Promise<{ container: string; host: string }> {
    const [containers, hosts] = [await get("/containers?limit=1"), await get("/hosts?limit=1")];
    return { container: containers.items[0]?.id ?? "0".repeat(64), host: hosts.items[0].id };
}
