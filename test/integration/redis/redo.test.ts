import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { coldSeason, openPorts, type Ports, T0, taken, tickOf, warm } from './live-season.ts';

let ports: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
});
afterAll(() => ports.close());

describe('ticks of a sender that has seen the season before', () => {
  it('[RE8] change nothing in a season of another epoch, or at a version before the one seen', async () => {
    const season = await warm(ports, coldSeason({ kind: 'open' }), { epoch: 4 });
    const one = tickOf('ada', 5);
    expect(await ports.live.tick(season, [one], { seen: { epoch: 3, version: 0 } })).toEqual({
      kind: 'moved',
      epoch: 4,
    });
    expect(await ports.live.tick(season, [one], { seen: { epoch: 4, version: 1 } })).toEqual({
      kind: 'behind',
      epoch: 4,
      version: 0,
    });
    expect(await ports.live.tick(season, [], { seen: { epoch: 4, version: 0 } })).toMatchObject({
      kind: 'ok',
      dirty: 0,
    });
  });
});

describe('ticks that are applied again', () => {
  it('[RE9] are taken until the season is settled: they were acked while it was open', async () => {
    const season = await warm(ports, coldSeason({ kind: 'open' }), { state: 'closed' });
    expect(await ports.live.tick(season, [tickOf('ada', 5)])).toMatchObject({ kind: 'not-open' });
    taken(await ports.live.tick(season, [tickOf('ada', 5)], { redo: true }));
    await ports.live.setState(season, 'settled');
    expect(await ports.live.tick(season, [tickOf('ada', 6)], { redo: true })).toMatchObject({
      kind: 'not-open',
    });
  });

  it('[RE10] without a seq, an older score replaces no newer one, and a newer one does', async () => {
    const season = await warm(ports, coldSeason({ kind: 'open', operator: 'latest' }));
    const score = async (value: number, at: number) =>
      taken(await ports.live.tick(season, [tickOf('ada', value, { at })], { redo: true })).outcomes[0]?.score;
    expect(await score(5, T0 + 10)).toBe(5);
    expect(await score(9, T0 + 5)).toBe(5);
    expect(await score(7, T0 + 11)).toBe(7);
  });
});
