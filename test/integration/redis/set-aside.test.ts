import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { coldSeason, openPorts, type Ports, taken, tickOf, warm } from './live-season.ts';

let ports: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
});
afterAll(() => ports.close());

const lock = (season: Parameters<Ports['builder']['lock']>[0]) => ports.builder.lock(season, 't', 10_000);

describe('a season that is set aside', () => {
  it('[RB6] is cold, keeps its entries for the next build, and what only it has is dirty in the new life', async () => {
    const season = await warm(ports, coldSeason({ kind: 'open' }), { epoch: 4 });
    taken(await ports.live.tick(season, [tickOf('ada', 5)]));
    taken(await ports.live.tick(season, [tickOf('bob', 6)]));
    await lock(season);
    expect(await ports.builder.setAside(season, 't', { epoch: 3 })).toBe(false);
    expect(await ports.builder.setAside(season, 't', { epoch: 4, below: 2 })).toBe(false);
    expect(await ports.builder.setAside(season, 't', { otherRun: true })).toBe(false);
    expect(await ports.builder.setAside(season, 'other', { epoch: 4 })).toBe(false);
    expect(await ports.builder.setAside(season, 't', { epoch: 4, below: 3 })).toBe(true);
    expect(await ports.live.page(season, { limit: 10 })).toEqual({ kind: 'cold' });

    expect(await ports.builder.begin(season, 't')).toBe(true);
    const [ada, eve] = await ports.builder.leftover(season, ['ada', 'eve']);
    expect(ada).toMatchObject({ player: 'ada', score: 5 });
    expect(eve).toBeUndefined();
    if (ada) await ports.builder.fill(season, 't', [{ ...ada, rev: 0 }]);
    const rest: string[] = [];
    for await (const records of ports.builder.unflushedLeftovers(season)) {
      rest.push(...records.map((record) => record.player));
      await ports.builder.fill(
        season,
        't',
        records.map((record) => ({ ...record, rev: 1 })),
      );
    }
    expect(rest, 'those that the build has not').toEqual(['bob']);
    expect(await ports.builder.publish(season, 't', { epoch: 5, state: 'open' })).toBe(true);
    expect(await ports.live.page(season, { limit: 10 })).toMatchObject({ epoch: 5, version: 1, total: 2 });
    expect(await ports.queue.claim(season)).toMatchObject({ players: 1, version: 1 });
    const page = await ports.queue.page(season, '0', 10);
    expect(page.records.map((record) => record.player)).toEqual(['bob']);
  });
});
