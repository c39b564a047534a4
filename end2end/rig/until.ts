// Waiting for a condition, with a bound.

export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
        if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
