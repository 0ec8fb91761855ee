/** Waits until `check` gives something truthy, looking again every 20 ms. @throws past the deadline, naming what was awaited */
export async function until<T>(
  what: string,
  check: () => Promise<T> | T,
  withinMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  let seen: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await check();
      if (value) return value as NonNullable<T>;
      seen = value;
    } catch (error) {
      seen = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: not within ${withinMs} ms; last seen: ${seen}`);
}
