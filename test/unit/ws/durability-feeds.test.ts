import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Season } from '../../../server/src/board/board-store.ts';
import { DurabilityFeeds } from '../../../server/src/ws/durability-feeds.ts';
import { silentLog, silentObserver } from './silence.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const INTERVAL_MS = 500;

function follower(number: number) {
  const heard: { season: string; epoch: number; watermark: { version: number } | null }[] = [];
  let ready = true;
  return {
    number,
    heard,
    ready: () => ready,
    congested(is: boolean) {
      ready = !is;
    },
    push: (document: string) => void heard.push(JSON.parse(document)),
  };
}

function world() {
  const now = { season: 's1', epoch: 1, version: 3, reads: 0 };
  const feeds = new DurabilityFeeds({
    watermarks: {
      season: async (of) => ({ id: of.season ?? now.season, board: 'b', state: 'open' }) as Season,
      read: async ({ id, state }) => {
        now.reads++;
        const { epoch, version } = now;
        return { season: id, state, epoch, watermark: { epoch, version, at: 1 } };
      },
    },
    observer: silentObserver,
    log: silentLog,
  });
  return { now, feeds };
}

const intervals = (count: number) => vi.advanceTimersByTimeAsync(count * INTERVAL_MS);

test('[SU9] a season is read once per interval however many follow it, and told when a flush has moved its watermark', async () => {
  const { now, feeds } = world();
  const followers = Array.from({ length: 50 }, (_, i) => follower(i));
  const first = await Promise.all(followers.map((one) => feeds.subscribe(one, { board: 'b' })));
  expect(JSON.parse(`{${first[0]}}`)).toEqual({
    ...{ board: 'b', season: 's1', state: 'open', epoch: 1 },
    watermark: { epoch: 1, version: 3, at: 1 },
  });
  now.reads = 0;
  await intervals(4);
  expect(now.reads).toBeLessThanOrEqual(4);
  expect(followers.flatMap(({ heard }) => heard)).toEqual([]);
  now.version = 8;
  followers[0]?.congested(true);
  await intervals(1);
  expect(followers.map(({ heard }) => heard.map(({ watermark }) => watermark?.version))).toEqual(
    followers.map((_, i) => (i === 0 ? [] : [8])),
  );
  now.version = 9;
  followers[0]?.congested(false);
  await intervals(1);
  expect(followers[0]?.heard.map(({ watermark }) => watermark?.version)).toEqual([9]);
  for (const one of followers) feeds.unsubscribe(one);
  now.reads = 0;
  await intervals(3);
  expect([now.reads, feeds.size]).toEqual([0, 0]);
});

test('[SU9] a follower of a board is told of the season that ends once more, and then of the next one', async () => {
  const { now, feeds } = world();
  const [board, match] = [follower(1), follower(2)];
  await feeds.subscribe(board, { board: 'b' });
  await feeds.subscribe(match, { season: 's1' });
  now.season = 's2';
  now.version = 5;
  await intervals(1);
  expect(board.heard.map(({ season }) => season)).toEqual(['s1', 's2']);
  expect(match.heard.map(({ season }) => season)).toEqual(['s1']);
  now.epoch = 2;
  await intervals(1);
  expect(board.heard.at(-1)?.epoch).toBe(2);
  feeds.stop();
});
