/** The next page is asked for before the last one is done with, so that who reads and who writes work at the same time (`rebuild`). */
export async function* readAhead<T>(of: AsyncIterable<T>): AsyncGenerator<T> {
  const pages = of[Symbol.asyncIterator]();
  let next = pages.next();
  try {
    for (;;) {
      const page = await next;
      if (page.done) return;
      next = pages.next();
      // Nobody may ask for it any more.
      next.catch(() => undefined);
      yield page.value;
    }
  } finally {
    await pages.return?.();
  }
}
