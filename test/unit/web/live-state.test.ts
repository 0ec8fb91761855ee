import type { BoardView } from '@photofinish/shared/client/board-view';
import { describe, expect, it } from 'vitest';
import { initialState, type LiveEvent, type LiveState, reduce } from '../../../server/src/web/live-state.ts';

const view = (version: number, ...players: string[]): BoardView => ({
  season: 's1',
  state: 'open',
  epoch: 1,
  version,
  total: players.length,
  entries: players.map((player, i) => ({ rank: i + 1, player, score: 100 - i, achievedAt: 0 })),
});
const after = (...events: LiveEvent[]): LiveState => events.reduce(reduce, initialState(0));
const saw = (version: number, ...players: string[]): LiveEvent => ({
  type: 'view',
  view: view(version, ...players),
  now: version * 100,
});
const pause = (paused: boolean): LiveEvent => ({ type: 'pause', paused, now: 5_000 });
const players = (state: LiveState) => state.shown.view?.entries.map((entry) => entry.player);

describe('what the page shows', () => {
  it('[LP3] paused, holds the board, the window and the time, and counts the changes that wait', () => {
    const state = after(
      saw(1, 'ada', 'bob'),
      { type: 'window', window: { dirty: 1, oldestDirtyMs: 10 }, now: 200 },
      pause(true),
      saw(2, 'bob', 'ada'),
      saw(3, 'bob', 'ada', 'cay'),
      { type: 'window', window: { dirty: 9, oldestDirtyMs: 900 }, now: 6_000 },
      { type: 'clock', now: 9_000 },
    );
    expect(players(state)).toEqual(['ada', 'bob']);
    expect(state.shown.window).toEqual({ dirty: 1, oldestDirtyMs: 10 });
    expect(state.shown.now).toBe(5_000);
    expect(state.waiting).toBe(2);
  });

  it('[LP3] going on shows the newest board at once, and nothing waits any more', () => {
    const state = after(saw(1, 'ada'), pause(true), saw(2, 'bob', 'ada'), pause(false));
    expect(players(state)).toEqual(['bob', 'ada']);
    expect(state.waiting).toBe(0);
  });

  it('[LP3] a reconnect that brings the same view again is no change', () => {
    expect(after(saw(1, 'ada'), pause(true), saw(1, 'ada')).waiting).toBe(0);
  });

  it('[LP3] what is asked for while paused is shown once, then held', () => {
    const asked: LiveEvent = { type: 'asked', keepsView: false, now: 6_000 };
    const state = after(saw(1, 'ada'), pause(true), saw(2, 'bob'), asked, saw(7, 'cay'), saw(8, 'dan'));
    expect(players(state)).toEqual(['cay']);
    expect(state.paused).toBe(true);
    expect(state.waiting).toBe(1);
  });

  it('[LP4] more rows of the same board keep the rows on show, and mark none of them as new', () => {
    const asked: LiveEvent = { type: 'asked', keepsView: true, now: 150 };
    expect(players(after(saw(1, 'ada'), asked))).toEqual(['ada']);
    expect(after(saw(1, 'ada'), asked, saw(2, 'ada', 'bob')).shown.changes.size).toBe(0);
  });

  it('[LP4] a new season begins without moves of the old one', () => {
    const next: LiveEvent = { type: 'view', view: { ...view(1, 'bob', 'ada'), season: 's2' }, now: 300 };
    expect(after(saw(1, 'ada', 'bob'), next).shown.changes.size).toBe(0);
  });

  it('[LP5] remembers since when the scores are old, until the connection is live again', () => {
    const live: LiveEvent = { type: 'connection', connection: { kind: 'live' }, now: 100 };
    const lost = (now: number): LiveEvent => ({
      type: 'connection',
      connection: { kind: 'waiting', retryAt: 0 },
      now,
    });
    expect(after(lost(50)).liveUntil).toBeUndefined();
    expect(after(live, lost(200), lost(300)).liveUntil).toBe(200);
    expect(after(live, lost(200), live).liveUntil).toBeUndefined();
  });
});
