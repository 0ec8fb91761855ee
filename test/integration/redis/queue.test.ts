import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seasonKeys } from '../../../server/src/redis/keys.ts';
import { claimAll, coldSeason, openPorts, type Ports, T0, taken, tickOf, warm } from './live-season.ts';

let ports: Ports;
let other: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
  other = await openPorts(inject('redisUrl'));
});
afterAll(() => {
  ports.close();
  other.close();
});

const openSeason = () => warm(ports, coldSeason({ kind: 'open' }));

test('[CL1] a claim takes all that is dirty, with its version and the time of its oldest change', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1, { at: T0 + 5 })]);
  await ports.live.tick(season, [tickOf('b', 2, { at: T0 + 9 })]);
  const claim = await claimAll(ports, season);
  expect(claim).toMatchObject({ players: 2, version: 2, epoch: 1, dirtySince: T0 + 5 });
  expect(claim.records.get('b')).toEqual({
    player: 'b',
    rev: 2,
    score: 2,
    achievedAt: T0 + 9,
    confirmed: undefined,
    finals: 0,
    matchKey: '',
    matchEnded: false,
    provisional: { score: 2, achievedAt: T0 + 9 },
    seqs: '',
  });
});

test('[CL1] a clean season has an empty claim', async () => {
  const season = await openSeason();
  expect(await ports.queue.claim(season)).toMatchObject({ players: 0, dirtySince: undefined, version: 0 });
});

test('[CL2] what was claimed and not acked is found by the next flusher, under the same claim and version', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1), tickOf('b', 1)]);
  const crashed = await claimAll(ports, season);
  await ports.queue.ack(season, crashed.claim, ['a'], false);
  await ports.live.tick(season, [tickOf('c', 1)]);
  const next = await claimAll(other, season);
  expect(next).toMatchObject({ claim: crashed.claim, version: 1, players: 1 });
  expect([...next.records.keys()]).toEqual(['b']);
  await other.queue.ack(season, next.claim, ['b'], true);
  const after = await claimAll(other, season);
  expect([...after.records.keys()]).toEqual(['c']);
  expect(after.claim.flushNo).toBe(crashed.claim.flushNo + 1);
});

test('[CL3] an entry that changes while it is flushed stays dirty after the ack', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1)]);
  const claim = await claimAll(ports, season);
  await ports.live.tick(season, [tickOf('a', 2, { at: T0 + 7 })]);
  await ports.queue.ack(season, claim.claim, ['a'], true);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 1, dirtySince: T0 + 7 });
  const next = await claimAll(ports, season);
  expect(next.records.get('a')).toMatchObject({ score: 2, rev: 2 });
});

test('[CL4] an ack of a claim that is over leaves the marks of the next one', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1)]);
  const slow = await claimAll(ports, season);
  const quick = await claimAll(other, season);
  await other.queue.ack(season, quick.claim, ['a'], true);
  await ports.live.tick(season, [tickOf('a', 2)]);
  await claimAll(other, season);
  await ports.queue.ack(season, slow.claim, ['a'], true);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 1 });
  expect((await claimAll(other, season)).records.get('a')).toMatchObject({ score: 2 });
});

test('[CL4] an ack of another epoch leaves the marks of this one', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1)]);
  const past = await claimAll(ports, season);
  await ports.redis.del(Object.values(seasonKeys(season)));
  await warm(ports, season, { epoch: 2 });
  await ports.live.tick(season, [tickOf('a', 2)]);
  const present = await claimAll(other, season);
  expect(present.claim.flushNo).toBe(past.claim.flushNo);
  await ports.queue.ack(season, past.claim, ['a'], true);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 1 });
});

test('[CL5] the window counts changed and claimed entries, and is as old as the older of the two', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1, { at: T0 + 3 }), tickOf('b', 1, { at: T0 + 4 })]);
  const { claim } = await claimAll(ports, season);
  await ports.live.tick(season, [tickOf('c', 1, { at: T0 + 8 })]);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 3, dirtySince: T0 + 3, total: 3 });
  await ports.queue.ack(season, claim, ['a', 'b'], true);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 1, dirtySince: T0 + 8 });
  expect(taken(await ports.live.tick(season, [tickOf('d', 1)])).dirty).toBe(2);
});

test('[CL6] pages and acks go through a claim larger than any command takes', async () => {
  const season = await openSeason();
  const players = Array.from({ length: 9_000 }, (_, i) => `p${i}`);
  for (let first = 0; first < players.length; first += 500)
    await ports.live.tick(
      season,
      players.slice(first, first + 500).map((player, i) => tickOf(player, i)),
    );
  const small = await ports.queue.claim(season);
  if (small.kind !== 'ok') throw new Error('cold');
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const page = await ports.queue.page(season, cursor, 1_000);
    const names = page.records.map((record) => record.player);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) seen.add(name);
    cursor = page.cursor;
    await ports.queue.ack(season, small.claim, names, cursor === '0');
  } while (cursor !== '0');
  expect(seen.size).toBe(players.length);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 0, dirtySince: undefined });

  await ports.live.tick(season, [tickOf('p0', 1_000)]);
  const all = await claimAll(ports, season, 50_000);
  await ports.queue.ack(season, all.claim, players, true);
  expect(await ports.live.window(season)).toMatchObject({ dirty: 0 });
});

test('[CL7] a page of a season that lost its memory is refused, not empty', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1)]);
  await ports.queue.claim(season);
  await ports.redis.del(Object.values(seasonKeys(season)));
  await expect(ports.queue.page(season, '0', 10)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('[CL8] a lease is held by one owner at a time, prolonged by it, and given back by it alone', async () => {
  const season = await openSeason();
  const { queue } = ports;
  expect(await queue.lease(season, 'one', 60_000)).toBe(true);
  expect(await queue.lease(season, 'two', 60_000)).toBe(false);
  await queue.release(season, 'two');
  expect(await queue.lease(season, 'one', 90_000)).toBe(true);
  expect(await ports.redis.pttl(seasonKeys(season).lease)).toBeGreaterThan(60_000);
  await queue.release(season, 'one');
  expect(await queue.lease(season, 'two', 60_000)).toBe(true);
});

test('[FP6] entries are marked dirty again as they are; players without one are not', async () => {
  const season = await openSeason();
  await ports.live.tick(season, [tickOf('a', 1)]);
  const { claim } = await claimAll(ports, season);
  await ports.queue.ack(season, claim, ['a'], true);
  expect(await ports.queue.markDirty(season, ['a', 'nobody'], T0 + 7)).toEqual({ kind: 'ok', marked: 1 });
  const again = await claimAll(ports, season);
  expect(again).toMatchObject({ players: 1, version: 1, dirtySince: T0 + 7 });
  expect(again.records.get('a')).toMatchObject({ rev: 1, score: 1 });
  expect(await ports.queue.markDirty(coldSeason(), ['a'], T0)).toEqual({ kind: 'cold' });
});
