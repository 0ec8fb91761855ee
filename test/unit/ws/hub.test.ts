import { Fault } from '@photofinish/shared/protocol/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hub } from '../../../server/src/ws/hub.ts';
import type { TopView } from '../../../server/src/ws/top-diff.ts';
import type { Reader } from '../../../server/src/ws/top-group.ts';
import { silentLog, silentObserver } from './silence.ts';

const INTERVAL_MS = 200;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Boards of any size whose version is told by the test. */
class Boards {
  version = 1;
  players = 500;
  dirty = 0;
  fails: Error | undefined;
  readonly tops: { board: string; limit: number }[] = [];
  windows = 0;

  async top(of: { board: string; limit: number }): Promise<TopView> {
    this.tops.push({ board: of.board, limit: of.limit });
    if (this.fails) throw this.fails;
    const entries = Array.from({ length: Math.min(of.limit, this.players) }, (_, i) => ({
      rank: i + 1,
      player: `p${i}`,
      score: this.version * 1_000 - i,
      achievedAt: 1,
    }));
    const { version, players: total } = this;
    return { board: of.board, season: 's', state: 'open', source: 'live', epoch: 1, version, total, entries };
  }

  around(): never {
    throw new Error('not asked for here');
  }

  ranks(): never {
    throw new Error('not asked for here');
  }

  async window(season: string) {
    this.windows++;
    const { version, dirty } = this;
    const head = { season, board: 'b', state: 'open' as const, epoch: 1, version };
    return { ...head, dirty, oldestDirtyMs: dirty * 10, watermark: null };
  }
}

class Listener implements Reader {
  readonly number: number;
  readonly heard: { type: string; entries?: unknown[]; changed?: unknown[]; dirty?: number }[] = [];

  constructor(number = 1) {
    this.number = number;
  }

  ready(): boolean {
    return true;
  }

  push(document: string): void {
    this.heard.push(JSON.parse(document));
  }

  types(): string[] {
    return this.heard.map((push) => push.type).filter((type) => type !== 'window');
  }
}

function hubOn(boards: Boards) {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) };
  const hub = new Hub({
    reads: boards,
    intervalMs: INTERVAL_MS,
    observer: silentObserver,
    log,
    clock: () => Date.now(),
  });
  return { hub, warnings };
}

const intervals = (count: number) => vi.advanceTimersByTimeAsync(count * INTERVAL_MS);

test('[SU3] a board is read once per interval however many subscribe, at the largest limit wanted', async () => {
  const boards = new Boards();
  const { hub } = hubOn(boards);
  const listeners = Array.from({ length: 100 }, (_, i) => new Listener(i));
  await Promise.all(
    listeners.map((listener, i) => hub.subscribe(listener, { board: 'b', limit: 1 + (i % 50) })),
  );
  expect(boards.tops.length).toBeLessThanOrEqual(2);
  boards.tops.length = 0;
  for (let i = 0; i < 10; i++) {
    boards.version++;
    await intervals(1);
  }
  expect(boards.tops).toEqual(new Array(10).fill({ board: 'b', limit: 50 }));
  for (const [i, listener] of listeners.entries()) {
    expect(listener.types()).toEqual(new Array(10).fill('delta'));
    expect(listener.heard.at(-1)?.changed).toHaveLength(1 + (i % 50));
  }
});

test('[SU1] a subscription begins with the view of its own limit', async () => {
  const boards = new Boards();
  const { hub } = hubOn(boards);
  for (const limit of [10, 3, 200]) {
    const fields = await hub.subscribe(new Listener(limit), { board: 'b', limit });
    expect(JSON.parse(`{${fields}}`)).toMatchObject({
      board: 'b',
      season: 's',
      epoch: 1,
      version: 1,
      total: 500,
    });
    expect(JSON.parse(`{${fields}}`).entries).toHaveLength(limit);
  }
  expect(boards.tops.map((top) => top.limit)).toEqual([10, 200]);
});

test('[SU7] nothing is read when nobody subscribes, and a board comes back fresh', async () => {
  const boards = new Boards();
  const { hub } = hubOn(boards);
  const listener = new Listener();
  await hub.subscribe(listener, { board: 'b', limit: 10 });
  await intervals(2);
  hub.unsubscribe(listener);
  expect({ boards: hub.boards, subscriptions: hub.subscriptions, timers: vi.getTimerCount() }).toEqual({
    boards: 0,
    subscriptions: 0,
    timers: 0,
  });
  const before = boards.tops.length;
  await intervals(20);
  expect(boards.tops).toHaveLength(before);
  boards.version = 9;
  expect(JSON.parse(`{${await hub.subscribe(listener, { board: 'b', limit: 10 })}}`).version).toBe(9);
  hub.stop();
});

test('[SU7] a failing read is tried again at the next interval, and is logged once', async () => {
  const boards = new Boards();
  const { hub, warnings } = hubOn(boards);
  const listener = new Listener();
  await hub.subscribe(listener, { board: 'b', limit: 10 });
  boards.fails = new Error('no connection');
  await intervals(5);
  expect(warnings).toHaveLength(1);
  await expect(hub.subscribe(new Listener(2), { board: 'b', limit: 10 })).rejects.toThrow('no connection');
  expect(hub.subscriptions).toBe(1);
  boards.fails = undefined;
  boards.version++;
  await intervals(1);
  expect(listener.types()).toEqual(['delta']);
  hub.stop();
});

test('[SU7] a board that cannot be read has no subscription and no timer', async () => {
  const boards = new Boards();
  const { hub } = hubOn(boards);
  boards.fails = new Fault('BOARD_NOT_FOUND', 'board: there is no board b');
  await expect(hub.subscribe(new Listener(), { board: 'b', limit: 10 })).rejects.toThrow('no board');
  expect({ boards: hub.boards, timers: vi.getTimerCount() }).toEqual({ boards: 0, timers: 0 });
});

test('[SU6] the window is read at most once a second per board and told when it changed', async () => {
  const boards = new Boards();
  const { hub } = hubOn(boards);
  const listeners = [new Listener(1), new Listener(2)];
  for (const listener of listeners) await hub.subscribe(listener, { board: 'b', limit: 10 });
  boards.dirty = 3;
  await intervals(25);
  expect(boards.windows).toBeLessThanOrEqual(6);
  const told = (listener: Listener | undefined) =>
    listener?.heard.filter((push) => push.type === 'window').map((push) => push.dirty);
  expect(told(listeners[0])).toEqual([3]);
  boards.dirty = 4;
  const late = new Listener(3);
  await hub.subscribe(late, { board: 'b', limit: 10 });
  await intervals(10);
  expect(told(listeners[1])).toEqual([3, 4]);
  expect(told(late)).toEqual([4]);
  hub.stop();
});
