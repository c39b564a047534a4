// All of it can be done by keyboard, and one sees where one is.
import { expect, open, test } from "../rig/test.ts";

test("the list is walked, filtered, selected and opened by keys", async ({ signedIn: page, containers, w }) => {
    for (const name of ["a", "b", "c"]) await containers.run(name);
    await open(page, `/containers?q=${containers.prefix}&sort=name`);
    const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name: containers.name(name), exact: true }) });
    await expect(row("c")).toBeVisible();

    const current = () => page.locator("tr[aria-current]");
    await page.keyboard.press("j");
    await expect(current()).toHaveCount(1);
    const first = await current().getAttribute("aria-rowindex");
    await page.keyboard.press("j");
    await expect(current()).not.toHaveAttribute("aria-rowindex", first!);
    await page.keyboard.press("k");
    await expect(current()).toHaveAttribute("aria-rowindex", first!);

    // On to the row of b, wherever groups put it.
    for (let i = 0; i < 10 && !(await current().innerText()).includes(containers.name("b")); i++) await page.keyboard.press("j");
    await expect(current()).toContainText(containers.name("b"));
    await page.keyboard.press("x");
    await expect(row("b")).toHaveAttribute("aria-selected", "true");
    await expect(page.getByText(w("common.selected", { n: 1 }))).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByText(w("common.selected", { n: 1 }))).toBeHidden();

    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();

    await page.keyboard.press("/");
    await page.keyboard.type("zzz");
    await expect(row("b")).toBeHidden();
    for (let i = 0; i < 3; i++) await page.keyboard.press("Backspace");
    await expect(row("b")).toBeVisible();
    await page.keyboard.press("Escape");

    for (let i = 0; i < 10 && !((await current().count()) && (await current().innerText()).includes(containers.name("b"))); i++) await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/containers\/[0-9a-f]{64}/);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(containers.name("b"));
});

test("Tab reaches everything that can be done, in sight", async ({ signedIn: page, w }) => {
    await open(page, "/containers");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: w("nav.skip") })).toBeFocused();
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(() => {
            const element = document.activeElement as HTMLElement | null;
            if (!element || element === document.body) return null;
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            return {
                name: element.getAttribute("aria-label") ?? element.textContent?.trim() ?? element.tagName,
                ring: style.outlineStyle !== "none" || style.boxShadow !== "none" || element.matches("input"),
                shown: box.width > 0 && box.height > 0,
            };
        });
        if (!focus) break;
        seen.push(focus.name);
        expect(focus.ring, `the focus on ${focus.name} can be seen`).toBe(true);
        expect(focus.shown, `${focus.name} is on the page`).toBe(true);
    }
    expect(seen.some((name) => name.includes(w("nav.hosts")))).toBe(true);
    expect(seen.length).toBeGreaterThan(10);
});
