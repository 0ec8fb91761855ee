/** Names and decimals on the live page: tests of live-page.test.ts, which has the one room. */
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/admin.ts';
import { type PageRoom, shows } from '../support/live-page.ts';
import { contrasts, overflowPx } from '../support/page-probes.ts';

const AA_TEXT = 4.5;
/** Screenshots go here where it is set: for eyes. */
const SHOTS = process.env['PAGE_SHOTS'];

export function namesOnThePage(room: () => PageRoom): void {
  describe('players with names', () => {
    beforeAll(async () => {
      await room().newBoard('laps', { title: 'Fastest lap', sortOrder: 'asc', scale: 3 });
      const players = { ada: 'Ada Lovelace', layla: 'ليلى', mei: '李美', bob: undefined };
      let score = 61_250;
      for (const [player, name] of Object.entries(players)) {
        await room().score('laps', player, score);
        score += 1_337;
        if (name === undefined) continue;
        const response = await fetch(`${room().server.url}/v1/players/${player}`, {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${await room().server.token('server', 'page-test')}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ name }),
        });
        expect(response.status).toBe(200);
      }
    });

    for (const colorScheme of ['light', 'dark'] as const)
      it(`[LP15] [LP7] shows names beside ids, each kept to itself, and decimals, in ${colorScheme}`, async () => {
        const watched = await room().watch('?board=laps', { colorScheme });
        await shows(watched, [
          '1 Ada Lovelace ada 61.250',
          '2 ليلى layla 62.587',
          '3 李美 mei 63.924',
          '4 bob 65.261',
        ]);
        const names = watched.page.locator('bdi.name');
        expect(await names.allTextContents()).toEqual(['Ada Lovelace', 'ليلى', '李美']);
        for (const { text, ratio } of await contrasts(watched.page))
          expect(ratio, text).toBeGreaterThanOrEqual(AA_TEXT);
        if (SHOTS) await watched.page.screenshot({ path: `${SHOTS}/names-${colorScheme}.png` });
      });

    it('[LP15] [LP8] fits a narrow window with long names, and follows a name that changes', async () => {
      const watched = await room().watch('?board=laps', { viewport: { width: 320, height: 700 } });
      await must(room().server, 'PATCH', '/v1/admin/boards/laps', { title: 'Fastest lap' });
      const response = await fetch(`${room().server.url}/v1/players/bob`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${await room().server.token('server', 'page-test')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ name: 'B'.repeat(64) }),
      });
      expect(response.status).toBe(200);
      await watched.page.getByText('B'.repeat(64)).waitFor();
      expect(await overflowPx(watched.page)).toBe(0);
      if (SHOTS) await watched.page.screenshot({ path: `${SHOTS}/names-narrow.png` });
    });
  });
}
