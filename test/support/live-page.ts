/** The live page on the real server, in a real browser: what its tests share. */
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import { must } from './admin.ts';
import { launchChromium, openPage, type WatchedPage } from './chromium.ts';
import { until } from './condition.ts';
import { seenText, standings } from './page-probes.ts';
import { type ServerProcess, startServer } from './server.ts';
import { openWire, type Wire } from './wire.ts';

const WEB = fileURLToPath(new URL('../../server/src/web', import.meta.url));

export class PageRoom {
  readonly server: ServerProcess;
  readonly writer: Wire;
  readonly #browser: Browser;
  readonly #opened = new Set<WatchedPage>();

  private constructor(browser: Browser, server: ServerProcess, writer: Wire) {
    this.#browser = browser;
    this.server = server;
    this.writer = writer;
  }

  /** Builds the page, and starts a browser and a server without boards. */
  static async open(): Promise<PageRoom> {
    const [browser] = await Promise.all([launchChromium(), build({ root: WEB, logLevel: 'error' })]);
    const server = await startServer();
    const writer = await openWire(server.url, await server.token('server', 'page-test'));
    return new PageRoom(browser, server, writer);
  }

  /** @param address of the page, after the server's own: `?board=arena` */
  async watch(address: string, options: BrowserContextOptions & { initScript?: string; url?: string } = {}) {
    const { initScript, url = this.server.url, ...context } = options;
    const watched = await openPage(this.#browser, `${url}/${address}`, context, initScript);
    this.#opened.add(watched);
    return watched;
  }

  /** For tests that cause errors on purpose: closes the page, which must have met no others than these. */
  async closeExpecting(watched: WatchedPage, expected: RegExp): Promise<void> {
    this.#opened.delete(watched);
    await watched.close();
    expect(watched.problems.filter((problem) => !expected.test(problem))).toEqual([]);
  }

  /** For afterEach: closes all pages, which must have met no error at all. */
  async closePages(): Promise<void> {
    const pages = [...this.#opened];
    this.#opened.clear();
    await Promise.all(pages.map((watched) => watched.close()));
    expect(pages.flatMap((watched) => watched.problems)).toEqual([]);
  }

  async close(): Promise<void> {
    this.writer.close();
    await this.#browser.close();
    expect(await this.server.stop()).toBe(0);
  }

  newBoard(id: string, rules: Record<string, unknown> = {}): Promise<unknown> {
    const board = { id, title: `Board ${id}`, kind: 'open', operator: 'latest', flush: { intervalMs: 200 } };
    return must(this.server, 'POST', '/v1/admin/boards', { ...board, ...rules });
  }

  score(board: string, player: string, score: number): Promise<unknown> {
    return this.writer.ok({ type: 'tick', board, player, score });
  }
}

/** @param rows as `1 ada 1,000` */
export const shows = (watched: WatchedPage, rows: string[]): Promise<unknown> =>
  until(
    `the table shows ${rows.join(', ')}`,
    async () => JSON.stringify(await standings(watched.page)) === JSON.stringify(rows),
  );

/** What the page says of its connection. */
export const connectionText = (watched: WatchedPage): Promise<string> =>
  seenText(watched.page.locator('.connection'));
