import { expect, test } from 'vitest';
import { Names } from '../../../server/src/board/names.ts';

const entries = (...players: string[]) => players.map((player) => ({ player }));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function setUp(answer: (players: readonly string[]) => Promise<Map<string, string>>) {
  const time = { now: 0 };
  const asked: string[][] = [];
  const names = new Names({
    store: {
      names: (players) => {
        asked.push([...players]);
        return answer(players);
      },
    },
    clock: () => time.now,
    log: quiet,
  });
  return { names, time, asked };
}

const allNamed = async (players: readonly string[]) =>
  new Map(players.map((player) => [player, `N ${player}`]));

test('[PL3] reads of one turn share a query, and what is fresh is not asked for again', async () => {
  const { names, time, asked } = setUp(allNamed);
  const read = await Promise.all([names.decorate(entries('a', 'b')), names.decorate(entries('b', 'c'))]);
  expect(read[1]).toEqual([
    { player: 'b', name: 'N b' },
    { player: 'c', name: 'N c' },
  ]);
  expect(asked).toEqual([['a', 'b', 'c']]);
  time.now = 4_000;
  await names.decorate(entries('a', 'b', 'c'));
  expect(asked).toHaveLength(1);
});

test('[PL3] an old name is shown while it is asked for anew', async () => {
  let release: ((names: Map<string, string>) => void) | undefined;
  const { names, time } = setUp(() => new Promise((resolve) => (release = resolve)));
  names.note('a', 'Old');
  time.now = 10_000;
  expect(await names.decorate(entries('a'))).toEqual([{ player: 'a', name: 'Old' }]);
  while (!release) await new Promise((resolve) => setImmediate(resolve));
  release(new Map([['a', 'New']]));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await names.decorate(entries('a'))).toEqual([{ player: 'a', name: 'New' }]);
});

test('[PL4] a database that does not answer keeps a read for a moment at most', async () => {
  const { names, asked } = setUp(() => new Promise(() => undefined));
  const begun = performance.now();
  expect(await names.decorate(entries('a'))).toEqual([{ player: 'a' }]);
  expect(performance.now() - begun).toBeLessThan(2_000);
  expect(asked).toEqual([['a']]);
});

test('[PL4] while it fails nothing more is asked, and what was known goes after a minute', async () => {
  const { names, time, asked } = setUp(() => Promise.reject(new Error('away')));
  names.note('a', 'Ada');
  time.now = 6_000;
  expect(await names.decorate(entries('a', 'b'))).toEqual([{ player: 'a', name: 'Ada' }, { player: 'b' }]);
  for (let i = 0; i < 5; i++) await names.decorate(entries('c'));
  expect(asked).toHaveLength(1);
  time.now = 61_000;
  expect(await names.decorate(entries('a'))).toEqual([{ player: 'a' }]);
  expect(asked.length).toBeGreaterThan(1);
});
