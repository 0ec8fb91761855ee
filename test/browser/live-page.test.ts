/** The live page as people meet it. One file, so that one test at a time builds the page into the folder that servers serve. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { connectionText, PageRoom, shows } from '../support/live-page.ts';
import {
  COUNT_GLIDES,
  contrasts,
  focused,
  glides,
  groundBrightness,
  markRows,
  overflowPx,
  rowsKept,
  seenText,
  standings,
  styleOf,
} from '../support/page-probes.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';
import { namesOnThePage } from './names.ts';

const AA_TEXT = 4.5;

let room: PageRoom;

beforeAll(async () => {
  room = await PageRoom.open();
});
afterAll(() => room?.close());
afterEach(() => room.closePages());

describe('before there is anything to show', () => {
  it('[LP14] says that there are no boards, and shows the first one by itself when it comes', async () => {
    const watched = await room.watch('');
    await watched.page.getByRole('heading', { name: 'No boards yet' }).waitFor();
    await room.newBoard('first');
    await watched.page.getByRole('heading', { name: 'Board first' }).waitFor();
    await watched.page.getByText('Nobody is on this board yet.').waitFor();
    expect(await connectionText(watched)).toContain('Live');
    await room.score('first', 'ada', 5);
    await shows(watched, ['1 ada 5']);
  });

  it('[LP14] names a board that does not exist, and lets another be chosen', async () => {
    const watched = await room.watch('?board=nosuch');
    expect(await seenText(watched.page.getByRole('alert'))).toContain('nosuch');
    await watched.page.getByRole('combobox', { name: 'Board' }).selectOption('first');
    await watched.page.getByRole('heading', { name: 'Board first' }).waitFor();
    expect(new URL(watched.page.url()).search).toBe('?board=first');
  });
});

describe('a board that is played on', () => {
  it('[LP1] shows the players in rank order as ticks arrive, with grouped digits and the season', async () => {
    await room.newBoard('order');
    await room.score('order', 'ada', 1_000);
    const watched = await room.watch('?board=order');
    await shows(watched, ['1 ada 1,000']);
    await room.score('order', 'bob', 2_500_000);
    await room.score('order', 'cay', 1_000);
    await shows(watched, ['1 bob 2,500,000', '2 ada 1,000', '3 cay 1,000']);
    await room.score('order', 'cay', 9_007_199_254_740_991);
    await shows(watched, ['1 cay 9,007,199,254,740,991', '2 bob 2,500,000', '3 ada 1,000']);
    await watched.page.getByText('Season 1, open · 3 entries').waitFor();
    expect(await watched.page.title()).toBe('Board order · Photofinish');
  });

  it('[LP1, LP12] shows as many rows as were chosen, in the address too, and what else is on the board', async () => {
    await room.newBoard('rows');
    for (let i = 0; i < 30; i++) await room.score('rows', `p${i}`, 1_000 - i);
    const watched = await room.watch('?board=rows');
    await watched.page.getByText('Top 10 of 30 players').waitFor();
    await watched.page.getByRole('combobox', { name: 'Rows' }).selectOption('25');
    await watched.page.getByText('Top 25 of 30 players').waitFor();
    expect(await standings(watched.page)).toHaveLength(25);
    expect(new URL(watched.page.url()).search).toBe('?board=rows&rows=25');
    await watched.page.goBack();
    await watched.page.getByText('Top 10 of 30 players').waitFor();
  });

  it('[LP2, LP4] glides a row that changes place, as the same row, and marks how far it moved', async () => {
    await room.newBoard('motion');
    for (const [i, player] of ['ada', 'bob', 'cay'].entries()) await room.score('motion', player, 300 - i);
    const watched = await room.watch('?board=motion', { initScript: COUNT_GLIDES });
    await shows(watched, ['1 ada 300', '2 bob 299', '3 cay 298']);
    await markRows(watched.page);
    await room.score('motion', 'cay', 900);
    await shows(watched, ['1 cay 900', '2 ada 300', '3 bob 299']);
    const moved = (await glides(watched.page)).filter((glide) => glide.frames.includes('translateY'));
    expect(moved.map((glide) => glide.player).sort()).toEqual(['ada', 'bob', 'cay']);
    expect((await rowsKept(watched.page)).sort()).toEqual(['ada', 'bob', 'cay']);
    const change = (player: string) =>
      seenText(watched.page.locator(`tr[data-player="${player}"] td.change`));
    expect(await change('cay')).toBe('▲2\nup 2');
    expect(await change('ada')).toBe('▼1\ndown 1');
  });

  it('[LP2] moves nothing for those who want reduced motion', async () => {
    await room.newBoard('still');
    await room.score('still', 'ada', 2);
    await room.score('still', 'bob', 1);
    const watched = await room.watch('?board=still', { reducedMotion: 'reduce', initScript: COUNT_GLIDES });
    await shows(watched, ['1 ada 2', '2 bob 1']);
    await room.score('still', 'bob', 3);
    await shows(watched, ['1 bob 3', '2 ada 2']);
    expect(await glides(watched.page)).toEqual([]);
    expect(await styleOf(watched.page.locator('.bar-run'), 'transition-duration')).toEqual(['0s']);
  });

  it('[LP3] holds the view while paused, counts what waits, and goes on with the newest', async () => {
    await room.newBoard('pause');
    await room.score('pause', 'ada', 10);
    const watched = await room.watch('?board=pause');
    const button = watched.page.getByRole('button', { name: 'Pause' });
    await shows(watched, ['1 ada 10']);
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await connectionText(watched)).toContain('Paused');
    await room.score('pause', 'bob', 20);
    await until('an update waits', async () => /1 update waits/.test(await connectionText(watched)));
    await room.score('pause', 'cay', 30);
    await until('two updates wait', async () => /2 updates wait/.test(await connectionText(watched)));
    expect(await standings(watched.page)).toEqual(['1 ada 10']);
    await button.click();
    await shows(watched, ['1 cay 30', '2 bob 20', '3 ada 10']);
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    expect(await connectionText(watched)).toContain('Live');
  });
});

describe('the consistency window', () => {
  it('[LP6] says how old the oldest score is that Postgres does not have, and how many entries wait', async () => {
    await room.newBoard('slow-flush', { flush: { intervalMs: 600_000 } });
    const watched = await room.watch('?board=slow-flush');
    const words = watched.page.locator('.window-words');
    await room.score('slow-flush', 'ada', 1);
    await room.score('slow-flush', 'bob', 2);
    await until('two entries are dirty', async () =>
      /^Oldest score not yet in Postgres: \d+\.\d s old; 2 entries\.$/.test(await seenText(words)),
    );
    await watched.page.getByText('What could be lost right now?').click();
    expect(await seenText(watched.page.locator('details p'))).toMatch(
      /every 10 min\. If Redis lost its memory now, 2 entries could fall back/,
    );
  });

  it('[LP6] says when Postgres has every score', async () => {
    await room.newBoard('quick-flush', { flush: { intervalMs: 50 } });
    const watched = await room.watch('?board=quick-flush');
    await room.score('quick-flush', 'ada', 1);
    await shows(watched, ['1 ada 1']);
    await watched.page.getByText('Every score is in Postgres.').waitFor();
  });
});

describe('for everybody', () => {
  it('[LP13] works with the keyboard alone, and shows where the focus is', async () => {
    await room.newBoard('keys');
    await room.score('keys', 'ada', 1);
    const watched = await room.watch('?board=keys');
    const { page } = watched;
    await shows(watched, ['1 ada 1']);
    const stops: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      const { name, isVisible } = await focused(page);
      expect({ name, isVisible }).toEqual({ name, isVisible: true });
      stops.push(name);
    }
    expect(stops).toEqual([
      'a Skip to the board',
      'a Photofinish',
      'select Board',
      'select Rows',
      'button Pause',
      'summary What could be lost right now?',
    ]);
    const pressed = () => page.getByRole('button', { name: 'Pause' }).getAttribute('aria-pressed');
    await page.keyboard.press('Space');
    expect(await page.locator('details').getAttribute('open')).not.toBeNull();
    expect(await pressed()).toBe('false');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    expect(await pressed()).toBe('true');
    await page.keyboard.press('Enter');
    expect(await pressed()).toBe('false');
    await page.reload();
    await shows(watched, ['1 ada 1']);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect((await focused(page)).name).toMatch(/^main/);
    await page.keyboard.press('Space');
    expect(await pressed()).toBe('true');
    await page.keyboard.press('Space');
    expect(await pressed()).toBe('false');
  });

  it('[LP10] is a captioned table with scoped headers, landmarks and one polite status', async () => {
    await room.newBoard('tree');
    await room.score('tree', 'ada', 1_234);
    const watched = await room.watch('?board=tree');
    const { page } = watched;
    await shows(watched, ['1 ada 1,234']);
    const tree = await page.locator('body').ariaSnapshot();
    expect(tree).toMatch(/- main:/);
    expect(tree).toMatch(/- heading "Board tree" \[level=1\]/);
    expect(tree).toMatch(/table "Board tree: 1 player"/);
    for (const name of ['Rank', 'Change in 10 seconds', 'Player', 'Score', 'Reached'])
      expect(tree).toContain(`- columnheader "${name}"`);
    expect(tree).toMatch(/- rowheader "ada"/);
    expect(tree).toMatch(/- button "Pause"/);
    expect(await page.locator('table caption').count()).toBe(1);
    expect(await page.locator('thead th:not([scope="col"]), tbody th:not([scope="row"])').count()).toBe(0);
    expect(await page.getByRole('status').getAttribute('aria-live')).toBe('polite');
    expect(await page.locator('[aria-live], [role="alert"]').count()).toBe(1);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('[LP10] announces a new leader, and nothing of what happens below', async () => {
    await room.newBoard('leader');
    await room.score('leader', 'ada', 100);
    const watched = await room.watch('?board=leader');
    const status = watched.page.getByRole('status');
    await status.getByText('ada leads with 100.').waitFor();
    await room.score('leader', 'bob', 50);
    await room.score('leader', 'bob', 60);
    await shows(watched, ['1 ada 100', '2 bob 60']);
    await room.score('leader', 'bob', 150);
    await shows(watched, ['1 bob 150', '2 ada 100']);
    await status.getByText('bob leads with 150.').waitFor();
    await room.score('leader', 'ada', 120);
    await shows(watched, ['1 bob 150', '2 ada 120']);
    expect(await status.locator('p').allTextContents()).toEqual([
      'The board is live.',
      'ada leads with 100.',
      'bob leads with 150.',
    ]);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`[LP7] has enough contrast in a ${colorScheme} scheme, for every text on the page`, async () => {
      const board = `ink-${colorScheme}`;
      await room.newBoard(board);
      for (const [i, player] of ['ada', 'bob', 'cay', 'dan'].entries())
        await room.score(board, player, 9 - i);
      const watched = await room.watch(`?board=${board}`, { colorScheme, reducedMotion: 'reduce' });
      await shows(watched, ['1 ada 9', '2 bob 8', '3 cay 7', '4 dan 6']);
      await room.score(board, 'dan', 20);
      await shows(watched, ['1 dan 20', '2 ada 9', '3 bob 8', '4 cay 7']);
      await watched.page.getByText('What could be lost right now?').click();
      const brightness = await groundBrightness(watched.page);
      if (colorScheme === 'dark') expect(brightness).toBeLessThan(48);
      else expect(brightness).toBeGreaterThan(208);
      const texts = await contrasts(watched.page);
      expect(texts.length).toBeGreaterThan(20);
      expect(texts.filter(({ ratio }) => ratio < AA_TEXT)).toEqual([]);
    });

  it('[LP7] tells the first three by more than their colour', async () => {
    const watched = await room.watch('?board=ink-light');
    await shows(watched, ['1 dan 20', '2 ada 9', '3 bob 8', '4 cay 7']);
    const place = async (rank: number) => {
      const mark = watched.page.locator('.place').nth(rank - 1);
      return (await styleOf(mark, 'border-top-width', 'border-top-color', 'background-color')).join();
    };
    const places = await Promise.all([1, 2, 3, 4].map(place));
    expect(new Set(places).size).toBe(4);
  });

  it('[LP8] fits a window of 320 pixels, with the longest name, the largest score and a hundred rows', async () => {
    await room.newBoard('narrow', { title: `A ${'very '.repeat(20)}long title-${'x'.repeat(64)}` });
    await room.score('narrow', 'W'.repeat(64), 9_007_199_254_740_991);
    await room.score('narrow', `${'i'.repeat(32)}.${'~'.repeat(31)}`, -9_007_199_254_740_991);
    for (let i = 0; i < 100; i++) await room.score('narrow', `player-${i}`, i * 1_000_000);
    const watched = await room.watch('?board=narrow&rows=100', { viewport: { width: 320, height: 640 } });
    await watched.page.getByText('Top 100 of 102 players').waitFor();
    expect(await overflowPx(watched.page)).toBeLessThanOrEqual(0);
    await watched.page.setViewportSize({ width: 390, height: 844 });
    expect(await overflowPx(watched.page)).toBeLessThanOrEqual(0);
  });
});

describe('when things change around it', () => {
  it('[LP14] says that a season is closed or settled, and keeps its table', async () => {
    await room.newBoard('ended', { kind: 'match' });
    const { match, season } = await room.writer.ok({ type: 'match.start', board: 'ended' });
    await room.writer.ok({ type: 'match.end', match, finals: [{ player: 'ada', score: 7 }] });
    const watched = await room.watch('?board=ended');
    await shows(watched, ['1 ada 7']);
    await must(room.server, 'PUT', `/v1/admin/seasons/${season}/settlement`);
    await watched.page.getByText('This season is settled: ranks and prizes are final.').waitFor();
    expect(await standings(watched.page)).toEqual(['1 ada 7']);
    const late = await room.watch('?board=ended');
    await shows(late, ['1 ada 7']);
    expect(await seenText(late.page.locator('.window-words'))).toBe('Every score is in Postgres.');
  });

  it('[LP5] says that the connection is lost and how old the scores are, and comes back by itself', async () => {
    const first = await startServer();
    let second: ServerProcess | undefined;
    try {
      await must(first, 'POST', '/v1/admin/boards', { id: 'reborn', title: 'Reborn', kind: 'open' });
      const before = await openWire(first.url, await first.token('server', 'w'));
      await before.ok({ type: 'tick', board: 'reborn', player: 'ada', score: 1 });
      const watched = await room.watch('?board=reborn', { url: first.url });
      await shows(watched, ['1 ada 1']);
      await first.kill('SIGKILL');
      await until('it says so', async () =>
        /^Reconnecting( in \d+ s)?\s+Scores as of \d\d:\d\d:\d\d\.$/.test(await connectionText(watched)),
      );
      expect(await standings(watched.page)).toEqual(['1 ada 1']);
      await watched.page.getByRole('status').getByText('Connection lost. Reconnecting.').waitFor();
      second = await startServer({
        env: { PORT: new URL(first.url).port },
        databaseUrl: first.databaseUrl,
        redisUrl: first.redisUrl,
        jwtSecret: first.jwtSecret,
      });
      expect(second.url).toBe(first.url);
      await until('it is live again', async () => (await connectionText(watched)).startsWith('Live'), 30_000);
      const after = await openWire(second.url, await second.token('server', 'w'));
      await after.ok({ type: 'tick', board: 'reborn', player: 'bob', score: 2 });
      await shows(watched, ['1 bob 2', '2 ada 1']);
      after.close();
      // The browser itself reports every connection that it was refused or that broke.
      await room.closeExpecting(watched, /ERR_CONNECTION|ERR_SOCKET_NOT_CONNECTED/);
    } finally {
      await second?.stop();
      await first.stop();
    }
  });

  it('[LP11] asks for a token where the server mints none, refuses a wrong one, and keeps it in memory only', async () => {
    const closed = await startServer({ env: { PUBLIC_PAGE: 'false' } });
    try {
      await must(closed, 'POST', '/v1/admin/boards', { id: 'inner', title: 'Inner', kind: 'open' });
      const watched = await room.watch('', { url: closed.url });
      const { page } = watched;
      const field = page.getByLabel('Token');
      await field.waitFor();
      expect(await field.getAttribute('type')).toBe('password');
      await field.fill('not-a-token');
      await page.keyboard.press('Enter');
      expect(await seenText(page.getByRole('alert'))).toContain('does not let that token in');
      await field.fill(await closed.token('viewer', 'somebody'));
      await page.keyboard.press('Enter');
      await until('it is live', async () => (await connectionText(watched)).startsWith('Live'));
      await page.getByText('Nobody is on this board yet.').waitFor();
      expect(new URL(page.url()).search).toBe('');
      expect(
        await page.evaluate('localStorage.length + sessionStorage.length + document.cookie.length'),
      ).toBe(0);
      // The browser itself reports the answers that said no.
      await room.closeExpecting(watched, / 404 | 401 |Authentication failed/);
    } finally {
      await closed.stop();
    }
  });

  it('[LP9] loads its own files only, under a policy that allows nothing else', async () => {
    const answer = await fetch(`${room.server.url}/`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/(default|script)-src 'self'/);
    expect(policy).not.toMatch(/unsafe-|\*/);
    const watched = await room.watch('?board=first');
    await shows(watched, ['1 ada 5']);
    const loaded = await watched.page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map((entry) => entry.name)`,
    );
    expect(loaded.length).toBeGreaterThan(2);
    expect(loaded.filter((url) => !url.startsWith(`${room.server.url}/`))).toEqual([]);
  });
});

namesOnThePage(() => room);
