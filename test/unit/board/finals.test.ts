import { boardSchema } from '@photofinish/shared/domain/board';
import { afterEach, expect, test } from 'vitest';
import { Finals } from '../../../server/src/board/finals.ts';
import type { FinalGroup, FinalGroupResult, FinalsStore } from '../../../server/src/board/finals-store.ts';
import type { LiveBoard } from '../../../server/src/board/live-board.ts';

const board = boardSchema.parse({ id: 'b', title: 'B', kind: 'match' });
const server = { sub: 'game', role: 'server' as const, expiresAt: 0 };
/** Matches are named SEASON-NUMBER. */
const seasonOf = (match: string): string => match.split('-')[0] ?? '';

const running: Finals[] = [];
afterEach(() => {
  for (const finals of running.splice(0)) finals.stop();
});

function setUp(options: { write?: FinalsStore['write']; confirm?: LiveBoard['confirm'] } = {}) {
  const told = { transactions: [] as string[][], confirms: [] as string[], live: [] as string[][] };
  const stored = (group: FinalGroup, pending: string): FinalGroupResult => ({
    ...{ kind: 'stored', season: seasonOf(group.match), matchStartedAt: 1, pending },
    finals: group.finals.map(({ player, score }) => ({
      ...{ player, score, duplicate: false, finals: 1 },
      confirmed: { score, achievedAt: 1 },
    })),
  });
  const write: FinalsStore['write'] = async (groups) => {
    told.transactions.push(groups.map((group) => `${group.match} ${group.finals[0]?.player}`));
    const pending = `t${told.transactions.length}`;
    await new Promise((resolve) => setImmediate(resolve));
    return groups.map((group) => stored(group, pending));
  };
  const confirm: LiveBoard['confirm'] = async (season, writes) => {
    told.confirms.push(`${season.id}: ${writes.map(({ player }) => player).join(' ')}`);
    const entries = writes.map(({ confirmed }) => ({
      ...{ rank: confirmed.score, previousRank: 0, score: confirmed.score, previousScore: undefined },
      improved: true,
    }));
    return { kind: 'ok', epoch: 1, version: 1, entries };
  };
  const finals = new Finals({
    store: {
      write: options.write ?? write,
      markLive: async (pending) => void told.live.push([...pending]),
      pending: async () => [],
    },
    live: { confirm: options.confirm ?? confirm } as LiveBoard,
    warmer: { warm: async () => {} } as never,
    catalogue: {
      boardPlayed: () => board,
      match: async (id: string) => ({ id, board: 'b', season: seasonOf(id), startedAt: 1 }),
      board: async () => board,
      season: async (id: string) => ({ id, board: 'b' }),
      live: async ({ id }: { id: string }) => ({ id, board }),
      noteMatch: async () => {},
    } as never,
    clock: () => 1,
    log: { warn: () => {}, error: () => {} } as never,
    observer: { stored: () => {}, refused: () => {}, failed: () => {}, pending: () => {} },
    check: { compare: async () => {} },
    onMatchEnd: () => {},
  });
  running.push(finals);
  const submit = (match: string, player: string, score: number) =>
    finals.submit({ match, finals: [{ player, score }], end: false }, server);
  return { told, finals, submit };
}

test('[FN1] finals of one turn are one transaction, go live in one call per season, and each is answered its own place', async () => {
  const { told, finals, submit } = setUp();
  const answers = await Promise.all([
    submit('s1-1', 'ann', 1),
    submit('s2-1', 'bob', 2),
    submit('s1-2', 'cy', 3),
  ]);
  expect(told.transactions).toEqual([['s1-1 ann', 's2-1 bob', 's1-2 cy']]);
  expect(told.confirms.sort()).toEqual(['s1: ann cy', 's2: bob']);
  expect(answers.flat().map(({ player, rank, live }) => [player, rank, live])).toEqual([
    ['ann', 1, 'applied'],
    ['bob', 2, 'applied'],
    ['cy', 3, 'applied'],
  ]);
  await finals.drain();
  expect(told.live).toEqual([['t1']]);
});

test('[FN13] a transaction of which one season could not go live stays pending; its finals are answered all the same', async () => {
  const { told, finals, submit } = setUp({
    confirm: async (season, writes) => {
      if (season.id === 's2') throw new Error('redis is gone');
      return { kind: 'ok', epoch: 1, version: 1, entries: writes.map(() => ({ rank: 1 }) as never) };
    },
  });
  const answers = await Promise.all([submit('s1-1', 'ann', 1), submit('s2-1', 'bob', 2)]);
  expect(answers.flat().map(({ live }) => live)).toEqual(['applied', 'pending']);
  await finals.drain();
  expect(told.live).toEqual([]);
});

test('[FN1] who cannot be answered keeps nobody else from an answer, nor a final from being marked live', async () => {
  const { told, finals, submit } = setUp();
  const deaf = {
    finalsStored: () => {
      throw new Error('nobody there');
    },
    finalsFailed: () => {},
  };
  finals.send({ match: 's1-1', finals: [{ player: 'ann', score: 1 }], end: false }, server, {
    ...{ sink: deaf, ticket: 1 },
  });
  expect(await submit('s1-2', 'bob', 2)).toMatchObject([{ player: 'bob', live: 'applied' }]);
  await new Promise((resolve) => setImmediate(resolve));
  await finals.drain();
  expect(told.live).toEqual([['t1']]);
});
