import { Fault } from '@photofinish/shared/protocol/errors';
import type { EntriesAnswer, RanksAnswer } from '@photofinish/shared/protocol/reads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlacesFeeds, type PlacesOf } from '../../../server/src/ws/places-feeds.ts';
import { silentLog, silentObserver } from './silence.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const INTERVAL_MS = 200;
const rounds = (count: number) => vi.advanceTimersByTimeAsync(count * INTERVAL_MS);

function reader(number: number) {
  const heard: { type: string; subscription: number; entries: { score?: number }[] }[] = [];
  let ready = true;
  return {
    number,
    heard,
    scores: () => heard.map(({ entries }) => entries.map(({ score }) => score)),
    ready: () => ready,
    congested(is: boolean) {
      ready = !is;
    },
    push: (document: string) => void heard.push(JSON.parse(document)),
  };
}

/** A board of one entry per player, whose scores the test says. */
function world() {
  const scores = new Map([['ann', 5]]);
  const now = { version: 1, reads: 0, underWay: 0, together: 0, lasts: 0, fails: false };
  const head = () => ({
    ...{ board: 'b', season: 's', state: 'open' as const, source: 'live' as const, epoch: 1 },
    ...{ version: now.version, total: scores.size },
  });
  const reading = async () => {
    now.reads++;
    now.together = Math.max(now.together, ++now.underWay);
    if (now.lasts > 0) await new Promise((done) => setTimeout(done, now.lasts));
    now.underWay--;
    if (now.fails) throw new Fault('UNAVAILABLE', 'away');
  };
  const entry = (player: string) => ({ rank: 1, player, score: scores.get(player) ?? 0, achievedAt: 1 });
  const feeds = new PlacesFeeds({
    reads: {
      async around({ player }): Promise<EntriesAnswer> {
        await reading();
        if (!scores.has(player)) throw new Fault('PLAYER_NOT_FOUND', 'nobody');
        return { ...head(), entries: [entry(player)] };
      },
      async ranks({ players }): Promise<RanksAnswer> {
        await reading();
        const entries = players.map((player) =>
          scores.has(player) ? { ...entry(player), percentile: 100 } : { player, rank: null },
        );
        return { ...head(), entries };
      },
    },
    intervalMs: INTERVAL_MS,
    observer: silentObserver,
    log: silentLog,
    clock: Date.now,
  });
  return { scores, now, feeds };
}

const around = (player: string): PlacesOf => ({ view: 'around', board: 'b', player, above: 1, below: 1 });

test('[SU10] the same question of many is read once per round, and told where its answer shows something new', async () => {
  const { scores, now, feeds } = world();
  const readers = Array.from({ length: 20 }, (_, i) => reader(i + 1));
  const first = await Promise.all(readers.map((one) => feeds.subscribe(one, around('ann'))));
  expect(now.reads).toBe(1);
  expect(JSON.parse(`{${first[0]}}`)).toMatchObject({ total: 1, entries: [{ player: 'ann', score: 5 }] });
  now.version = 9;
  await rounds(3);
  expect([now.reads, readers.flatMap(({ heard }) => heard)]).toEqual([4, []]);
  scores.set('ann', 6);
  await rounds(1);
  expect(readers.map((one) => one.scores())).toEqual(readers.map(() => [[6]]));
  expect(readers[4]?.heard[0]).toMatchObject({ type: 'places', subscription: 5, season: 's', version: 9 });
  for (const one of readers) feeds.unsubscribe(one);
  now.reads = 0;
  await rounds(3);
  expect([now.reads, feeds.size]).toEqual([0, 0]);
});

test('[SU10] a player without an entry is followed too, and who is slow gets the newest alone', async () => {
  const { scores, feeds } = world();
  const [quick, slow] = [reader(1), reader(2)];
  expect(JSON.parse(`{${await feeds.subscribe(quick, around('bob'))}}`).entries).toEqual([]);
  const players: PlacesOf = { view: 'players', board: 'b', players: ['ann', 'bob'], own: [] };
  expect(JSON.parse(`{${await feeds.subscribe(slow, players)}}`).entries[1]).toEqual({
    player: 'bob',
    rank: null,
  });
  slow.congested(true);
  for (const score of [1, 2]) {
    scores.set('bob', score);
    await rounds(1);
  }
  slow.congested(false);
  await rounds(1);
  expect(quick.scores()).toEqual([[1], [2]]);
  expect(slow.scores()).toEqual([[5, 2]]);
  feeds.stop();
});

test('[SU10] many questions make a round later, never wider; what fails is read again', async () => {
  const { scores, now, feeds } = world();
  for (let i = 0; i < 100; i++) scores.set(`p${i}`, 1);
  const readers = Array.from({ length: 100 }, (_, i) => reader(i + 1));
  await Promise.all(readers.map((one, i) => feeds.subscribe(one, around(`p${i}`))));
  Object.assign(now, { together: 0, lasts: 50 });
  await rounds(10);
  expect(now.together).toBe(8);
  Object.assign(now, { lasts: 0, fails: true });
  for (let i = 0; i < 100; i++) scores.set(`p${i}`, 2);
  await rounds(4);
  expect(readers.flatMap(({ heard }) => heard)).toEqual([]);
  now.fails = false;
  await rounds(1);
  expect(readers.map((one) => one.scores())).toEqual(readers.map(() => [[2]]));
  await expect(feeds.subscribe(reader(1), { ...around('ann'), board: 'gone' })).resolves.toBeTypeOf('string');
  now.fails = true;
  await expect(feeds.subscribe(reader(2), around('new'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  feeds.stop();
});
