import { applyDelta, type BoardView, viewOf } from '@photofinish/shared/client/board-view';
import { type Push, pushSchemas } from '@photofinish/shared/protocol/pushes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeBetween, cut, type TopView } from '../../../server/src/ws/top-diff.ts';
import { type Reader, TopGroup } from '../../../server/src/ws/top-group.ts';
import { silentObserver } from './silence.ts';

/** A client's side of one subscription: it applies what is pushed as the SDK does. */
class Follower implements Reader {
  readonly number: number;
  isReady = true;
  view: BoardView;
  readonly pushes: Push[] = [];

  constructor(number: number, group: TopGroup) {
    this.number = number;
    this.view = viewOf(JSON.parse(`{${group.fields}}`));
    group.add(this);
  }

  ready(): boolean {
    return this.isReady;
  }

  push(document: string): void {
    const push = JSON.parse(document) as Push<'snapshot' | 'delta'>;
    this.pushes.push(pushSchemas[push.type].parse(push) as Push);
    expect(push.subscription).toBe(this.number);
    const next = push.type === 'snapshot' ? viewOf(push) : applyDelta(this.view, push);
    if (!next) throw new Error('a delta did not fit what its subscriber holds');
    this.view = next;
  }
}

const seen = ({ season, state, total, entries }: BoardView | TopView) => ({ season, state, total, entries });

const entries = fc
  .uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 })
  .map((players) => players.map((player, i) => ({ rank: i + 1, player, score: 100 - i, achievedAt: 5 })));
/** Readings as the core gives them: the version grows with every change; now and then a season or an epoch begins, or a
 *  reading comes from the snapshot and is older than the one before. */
const readings = fc.array(
  fc.record({
    entries,
    total: fc.integer({ min: 8, max: 12 }),
    state: fc.constantFrom('open' as const, 'open' as const, 'open' as const, 'closing' as const),
    jump: fc.constantFrom('none', 'none', 'none', 'none', 'season', 'epoch', 'back', 'repeat'),
    ready: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);

const START: TopView = {
  board: 'b',
  season: 's0',
  state: 'open',
  source: 'live',
  epoch: 1,
  version: 100,
  total: 0,
  entries: [],
};

test('[SU2] snapshots and deltas, applied in order, give exactly what was read', () => {
  fc.assert(
    fc.property(readings, (plan) => {
      const group = new TopGroup(5, START, silentObserver);
      const followers = [1, 2, 3].map((number) => new Follower(number, group));
      let last = START;
      for (const [i, step] of plan.entries()) {
        for (const [j, follower] of followers.entries()) follower.isReady = step.ready[j] ?? true;
        if (step.jump !== 'repeat') {
          const { entries, total, state } = step;
          last = { ...last, entries, total, state, version: last.version + (step.jump === 'back' ? -3 : 1) };
          if (step.jump === 'season') last = { ...last, season: `s${i + 1}`, version: 1 };
          if (step.jump === 'epoch') last = { ...last, epoch: last.epoch + 1, version: 1 };
        }
        const read = cut(last, 5);
        group.advance(read);
        for (const follower of followers)
          if (follower.isReady) expect(seen(follower.view)).toEqual(seen(read));
      }
    }),
    { numRuns: 300 },
  );
});

const row = (rank: number, player: string, score: number) => ({ rank, player, score, achievedAt: 1 });

test('[SU2] a delta holds the rows that changed and no others', () => {
  const before = { ...START, total: 3, entries: [row(1, 'a', 9), row(2, 'b', 8), row(3, 'c', 7)] };
  const after = { ...before, version: 101, entries: [row(1, 'b', 10), row(2, 'a', 9), row(3, 'c', 7)] };
  expect(changeBetween(before, after)).toEqual({ changed: [row(1, 'b', 10), row(2, 'a', 9)], length: 3 });
  expect(changeBetween(after, { ...after, version: 102, entries: after.entries.slice(0, 1) })).toEqual({
    changed: [],
    length: 1,
  });
});

test('[SU5] a reading whose position did not grow is told whole: the snapshot answered in place of Redis', () => {
  const before = { ...START, total: 1, entries: [row(1, 'a', 9)] };
  for (const version of [90, 100])
    expect(changeBetween(before, { ...before, version, entries: [row(1, 'a', 8)] })).toBe('whole');
});

test('[SU2] a reading that shows nothing new pushes nothing', () => {
  const group = new TopGroup(5, START, silentObserver);
  const follower = new Follower(1, group);
  group.advance({ ...START, version: 200 });
  expect(follower.pushes).toEqual([]);
});

test('[SU4] a subscriber that cannot take a step gets the newest view once it can, and no step twice', () => {
  const group = new TopGroup(5, START, silentObserver);
  const follower = new Follower(1, group);
  const at = (version: number) => ({ ...START, version, total: 1, entries: [row(1, 'a', version)] });
  follower.isReady = false;
  for (let version = 101; version < 110; version++) group.advance(at(version));
  expect(follower.pushes).toEqual([]);
  follower.isReady = true;
  group.advance(at(109));
  group.advance(at(109));
  group.advance(at(110));
  expect(follower.pushes.map((push) => push.type)).toEqual(['snapshot', 'delta']);
  expect(follower.view.entries).toEqual(at(110).entries);
});

test.each([
  ['season', { season: 's1', version: 1 }],
  ['state', { state: 'closing' as const, version: 101 }],
  ['epoch', { epoch: 2, version: 101 }],
])('[SU5] another %s is told with the whole view, to everyone', (_what, change) => {
  const group = new TopGroup(5, START, silentObserver);
  const followers = [1, 2].map((number) => new Follower(number, group));
  group.advance({ ...START, ...change });
  for (const follower of followers) expect(follower.pushes).toMatchObject([{ type: 'snapshot', ...change }]);
});
