import { compareEntries } from '@photofinish/shared/domain/order';
import fc from 'fast-check';
import { nanoid } from 'nanoid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { BOARDS, EntryModel, type EntryStep, orderKeys, stepsFor } from '../../contracts/entry-cases.ts';
import { coldSeason, entriesInRedis, openPorts, type Ports, taken, warm } from './live-season.ts';

let ports: Ports;
beforeAll(async () => {
  ports = await openPorts(inject('redisUrl'));
});
afterAll(() => ports.close());

async function expectSame(model: EntryModel, steps: readonly EntryStep[]): Promise<void> {
  const season = await warm(ports, { id: nanoid(), board: model.board });
  for (const step of steps) {
    if (step.kind === 'ticks') {
      const result = taken(await ports.live.tick(season, step.ticks));
      expect(result.outcomes).toEqual(model.tick(step.ticks));
      expect(result.version).toBe(model.version);
    } else {
      const result = await ports.live.confirm(season, step.writes, step.now);
      expect(result).toEqual({
        kind: 'ok',
        epoch: 1,
        entries: model.confirm(step.writes),
        version: model.version,
      });
    }
  }
  const records = model.records();
  expect(await entriesInRedis(ports, season)).toEqual(records);
  await expectReads(season, records);
}

async function expectReads(
  season: { id: string; board: EntryModel['board'] },
  records: readonly EntryRecord[],
): Promise<void> {
  const ranked = records.map(({ player, score, achievedAt }, i) => ({
    rank: i + 1,
    player,
    score,
    achievedAt,
  }));
  expect(await ports.live.page(season, { limit: 100 })).toMatchObject({
    total: ranked.length,
    entries: ranked,
  });
  const players = ranked.map((entry) => entry.player);
  expect(await ports.live.ranks(season, [...players, 'nobody'])).toMatchObject({
    entries: [...ranked, undefined],
  });
  const middle = Math.floor(ranked.length / 2);
  const around = ranked[middle];
  if (around)
    expect(await ports.live.around(season, { player: around.player, above: 2, below: 1 })).toMatchObject({
      entries: ranked.slice(Math.max(0, middle - 2), middle + 2),
    });
}

describe('against the model', () => {
  for (const board of BOARDS)
    test(`[EN1] Redis keeps the entries of the model: ${board.kind}, ${board.operator}, ${board.sortOrder}`, async () => {
      await fc.assert(
        fc.asyncProperty(stepsFor(board), (steps) => expectSame(new EntryModel(board), steps)),
        { numRuns: 40 },
      );
    });
});

describe('order', () => {
  for (const sortOrder of ['desc', 'asc'] as const)
    test(`[EN2] ZRANGE order is the total order: ${sortOrder}`, async () => {
      await fc.assert(
        fc.asyncProperty(orderKeys, async (keys) => {
          const records = keys.map(
            (key): EntryRecord => ({
              ...key,
              rev: 0,
              confirmed: undefined,
              finals: 0,
              matchKey: '',
              matchEnded: false,
              provisional: { score: key.score, achievedAt: key.achievedAt },
              seqs: '',
            }),
          );
          const season = await warm(ports, coldSeason({ sortOrder }), { records });
          const sorted = [...records].sort((a, b) => compareEntries(sortOrder, a, b));
          expect(await entriesInRedis(ports, season)).toEqual(sorted);
        }),
        { numRuns: 60 },
      );
    });
});
