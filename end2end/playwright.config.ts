import { defineConfig } from "@playwright/test";

// Chromium without what a closed network would make it log, and without what a build machine lacks.
const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

export default defineConfig({
    testDir: "tests",
    outputDir: ".out/results",
    globalSetup: "./rig/global-setup.ts",
    // One at a time: two cores hold the browser, the console and the engine.
    workers: 1,
    retries: 0,
    forbidOnly: !!process.env.CI,
    timeout: 60_000,
    expect: { timeout: 10_000 },
    reporter: [["list"]],
    use: {
        browserName: "chromium",
        launchOptions: { executablePath: process.env.ECOS_TEST_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS },
        viewport: { width: 1440, height: 900 },
        actionTimeout: 10_000,
        navigationTimeout: 15_000,
        screenshot: "only-on-failure",
        trace: process.env.CI ? "off" : "retain-on-failure",
    },
    projects: [
        { name: "browser", testMatch: /tests\/[^/]*\.spec\.ts/ },
        { name: "hydration", testDir: "hydration" },
        { name: "image", testDir: "image" },
        { name: "screens", testDir: "screens", timeout: 600_000 },
        // Nothing looks on: what a trace costs is not what is measured.
        { name: "bench", testDir: "bench", timeout: 1_800_000, use: { trace: "off", screenshot: "off" } },
        { name: "soak", testDir: "soak", timeout: 7_200_000 },
    ],
});
