// Logs: live and back in time in one view, of one container and of several, at a speed that nobody can read.
import { docker } from "../rig/docker.ts";
import { expect, hydrated, open, test } from "../rig/test.ts";
import { LANGUAGES } from "../rig/words.ts";

const LINES = ".log-row:not(.mark)";

for (const language of LANGUAGES) {
    test.describe(language, () => {
        test.use({ language });

        test("a log is followed, filtered, unfolded and wrapped", async ({ signedIn: page, containers, w }) => {
            const script = [
                "echo '2026-11-23 22:06:12 INFO started'",
                "printf '\\033[31mERROR\\033[0m connect <b>timeout</b>\\n'",
                `echo '{"level":"warn","msg":"slow","ms":3004}'`,
                "sleep 2",
                "echo 'DEBUG written later'",
                "sleep 3600",
            ].join("; ");
            const id = await containers.run("one", { command: ["sh", "-c", script] });
            await open(page, `/containers/${id}?tab=logs`);
            const rows = page.locator(LINES);
            await expect(rows.filter({ hasText: "written later" })).toBeVisible();
            await expect(rows).toHaveCount(4);
            await expect(rows.nth(1)).toContainText("connect <b>timeout</b>");
            await expect(rows.nth(1).locator(".front-1")).toHaveText("ERROR");
            await expect(rows.nth(2).locator(".log-level")).toHaveText("WARN");

            await rows.nth(2).getByRole("button", { name: w("log.unfold") }).click();
            await expect(page.locator(".log-json")).toContainText('"ms": 3004');

            await page.keyboard.press("/");
            await page.keyboard.type("TIMEOUT");
            await expect(rows).toHaveCount(1);
            await expect(rows.locator("mark")).toHaveText("timeout");
            await expect(page).toHaveURL(/q=TIMEOUT/);
            await page.keyboard.press("Control+a");
            await page.keyboard.type("l[ao]t.r$");
            await page.getByRole("button", { name: w("log.regex") }).click();
            await expect(rows).toHaveCount(1);
            await expect(rows.locator("mark")).toHaveText("later");
            // A shared link is the same view.
            await page.reload();
            await hydrated(page);
            await expect(rows).toHaveCount(1);
            await page.getByRole("button", { name: w("common.filter_clear") }).click();
            await page.getByRole("button", { name: /^ERROR/ }).click();
            await expect(rows).toHaveCount(1);
            await expect(rows).toContainText("timeout");
            await page.getByRole("button", { name: w("log.wrap") }).click();
            await expect(page.locator(".log-scroll.wraps")).toBeVisible();
            await expect(page).toHaveURL(/wrap=1/);
        });

        test("several containers are merged, each under its name, and what becomes of them is said", async ({ signedIn: page, containers, w }) => {
            const labels = { "com.docker.compose.project": containers.prefix };
            for (const name of ["a", "b"]) {
                await containers.run(name, { labels, command: ["sh", "-c", `echo from-${name}; trap 'exit 3' TERM; while :; do sleep 0.1; done`] });
            }
            await open(page, `/containers?q=${containers.prefix}`);
            await page.getByRole("main").getByRole("link", { name: w("nav.logs"), exact: true }).click();
            await expect(page).toHaveURL(/\/logs\?compose=/);
            await expect(page.getByRole("heading", { level: 1 })).toHaveText(w("nav.logs"));
            for (const name of ["a", "b"]) {
                const row = page.locator(LINES).filter({ hasText: `from-${name}` });
                await expect(row.locator(".log-name")).toHaveText(containers.name(name));
            }
            await docker("stop", "-t", "5", containers.name("a"));
            await expect(page.locator(".log-row.mark").filter({ hasText: w("log.mark_exited", { code: 3 }) })).toBeVisible();
            await docker("start", containers.name("a"));
            await expect(page.locator(LINES).filter({ hasText: "from-a" })).toHaveCount(2);
            await docker("rm", "-f", containers.name("b"));
            await expect(page.locator(".log-row.mark").filter({ hasText: w("log.mark_removed") })).toBeVisible();
        });

        test("ten thousand lines a second: the tab stays quick, and what it could not take is counted", async ({ signedIn: page, containers, w }) => {
            const id = await containers.run("flood", { command: ["sh", "-c", "i=0; while :; do seq $i $((i + 999)); i=$((i + 1000)); usleep 90000; done"] });
            await open(page, `/containers/${id}?tab=logs`);
            await expect(page.locator(LINES).first()).toBeVisible();
            // Rows in view alone are in the document, however many lines there are.
            await page.waitForFunction(() => Number(/[\d,]{5,}/.exec(document.querySelector(".log-foot")!.textContent!)?.[0].replace(/,/g, "") ?? 0) > 20_000);
            expect(await page.locator(".log-row").count()).toBeLessThan(120);
            const worst = await page.evaluate(
                () =>
                    new Promise<number>((resolve) => {
                        let [worst, last, frames] = [0, performance.now(), 0];
                        const next = (now: number) => {
                            [worst, last] = [Math.max(worst, now - last), now];
                            if (++frames < 120) requestAnimationFrame(next);
                            else resolve(worst);
                        };
                        requestAnimationFrame(next);
                    }),
            );
            expect(worst, "the longest frame of 120, with the engine and the console on the same two cores").toBeLessThan(500);

            // The reader scrolls up: the view stays, new lines are counted.
            await page.locator(".log-scroll").hover();
            await page.mouse.wheel(0, -2_000);
            const newer = page.locator(".log-new");
            await expect(newer).toBeVisible();
            // A wheel's turn is carried out over several pictures.
            await page.locator(".log-scroll").evaluate(
                (scroll) =>
                    new Promise<void>((resolve) => {
                        let [at, frames] = [scroll.scrollTop, 0];
                        const next = () => {
                            [at, frames] = [scroll.scrollTop, scroll.scrollTop === at ? frames + 1 : 0];
                            if (frames < 15) requestAnimationFrame(next);
                            else resolve();
                        };
                        requestAnimationFrame(next);
                    }),
            );
            const text = await page.locator(LINES).nth(30).locator(".log-text").innerText();
            await expect(page.locator(".log-text").filter({ hasText: new RegExp(`^${text}$`) })).toBeVisible();
            await newer.click();
            await expect(newer).toBeHidden();

            // A tab that is stopped for a while loses lines, and says how many.
            await docker("exec", "-d", id, "sh", "-c", "yes 0123456789012345678901234567890123456789 | head -n 400000 >/proc/1/fd/1");
            await page.evaluate(() => {
                const end = performance.now() + 4_000;
                while (performance.now() < end);
            });
            await expect(page.locator(".log-dropped.warning")).toBeVisible({ timeout: 20_000 });
            await expect(page.locator(".log-dropped")).not.toHaveText(w("log.dropped", { n: 0 }));
        });
    });
}

test("of lines that are wrapped, too, who scrolls up sees the same ones until he comes back", async ({ signedIn: page, containers }) => {
    const id = await containers.run("wide", { command: ["sh", "-c", "i=0; while :; do i=$((i + 1)); printf '%d %0600d\\n' $i 0; usleep 20000; done"] });
    await open(page, `/containers/${id}?tab=logs&wrap=1`);
    const at = () => page.locator(LINES).last().locator(".log-text").innerText().then((text) => Number(text.split(" ")[0]));
    await expect.poll(at).toBeGreaterThan(60);
    await page.locator(".log-scroll").hover();
    await page.mouse.wheel(0, -100);
    const newer = page.locator(".log-new");
    await expect.poll(async () => Number(/\d+/.exec(await newer.innerText())?.[0])).toBeGreaterThan(50);
    await newer.click();
    await expect(newer).toBeHidden();
    const then = await at();
    await expect.poll(at).toBeGreaterThan(then + 20);
});

test("scrolling up loads what was before, to the first line", async ({ signedIn: page, containers }) => {
    const id = await containers.run("long", { command: ["sh", "-c", "seq 1 3000; sleep 3600"] });
    await expect.poll(() => docker("logs", "--tail", "1", id)).toBe("3000");
    await open(page, `/containers/${id}?tab=logs`);
    await expect(page.locator(LINES).last()).toContainText("3000");
    await page.locator(".log-scroll").hover();
    await expect(async () => {
        await page.mouse.wheel(0, -20_000);
        await expect(page.locator(LINES).first().locator(".log-text")).toHaveText("1", { timeout: 500 });
    }).toPass({ timeout: 20_000 });
});

test("a log is kept as a file", async ({ signedIn: page, containers, w }) => {
    const id = await containers.run("kept", { command: ["sh", "-c", "echo one; sleep 3600"] });
    await open(page, `/containers/${id}?tab=logs`);
    await expect(page.locator(LINES)).toHaveCount(1);
    for (const [word, ending] of [["log.download_text", "log"], ["log.download_jsonl", "jsonl"]] as const) {
        await page.getByRole("button", { name: w("log.download") }).click();
        const [download] = await Promise.all([
            page.waitForEvent("download"),
            page.getByRole("menuitem", { name: w(word, { name: containers.name("kept") }) }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(`${containers.name("kept")}.${ending}`);
    }
});

test("a narrow screen shows lines, filter and follow", async ({ signedIn: page, containers, w }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const id = await containers.run("narrow", { command: ["sh", "-c", "echo ERROR a line; sleep 3600"] });
    await open(page, `/containers/${id}?tab=logs`);
    await expect(page.locator(LINES)).toContainText("a line");
    await expect(page.getByRole("button", { name: w("log.following") })).toBeInViewport();
});

test("the course of a log over time is drawn, and a click goes there", async ({ signedIn: page, containers, w }) => {
    const script = "i=0; while [ $i -lt 400 ]; do i=$((i + 1)); echo \"INFO line $i\"; [ $((i % 50)) = 0 ] && echo ERROR bad && sleep 1; done; sleep 3600";
    const id = await containers.run("course", { command: ["sh", "-c", script] });
    await open(page, `/containers/${id}?tab=logs`);
    const bars = page.locator(".log-course");
    await expect(bars.locator("path.all")).toHaveAttribute("d", /M0 100v-.*M\d0 100v-/);
    await expect(bars.locator("path.bad")).toHaveAttribute("d", /M/);
    await expect(page.locator(".log-foot"), "all have come").toContainText(w("log.lines", { n: 408 }), { timeout: 20_000 });
    const box = (await bars.boundingBox())!;
    await page.mouse.click(box.x + 2, box.y + 10);
    await expect(page.locator(LINES).first()).toContainText("line 1");
    await expect(page.locator(LINES).getByText("INFO line 1", { exact: true })).toBeInViewport();
    await expect(page.getByRole("button", { name: w("log.follow"), exact: true })).toBeVisible();
});
