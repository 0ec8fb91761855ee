import { describe, expect, test } from 'vitest';
import type { Operator } from '../../../client-sim/src/books/operators.ts';
import type { SortOrder } from '../../../client-sim/src/books/order.ts';
import type { Options } from '../../../client-sim/src/options.ts';
import { passed, type Summary } from '../../../client-sim/src/results/summary.ts';
import { runSeason } from '../../../client-sim/src/season-run.ts';
import { type Lie, StandIn } from './stand-in.ts';

const SILENT = { phase() {}, progress() {}, top() {}, end() {} };

async function play(lie: Lie, operator: Operator = 'best', sort: SortOrder = 'desc'): Promise<Summary> {
  const standIn = new StandIn(lie, operator, sort);
  const options: Options = {
    url: await standIn.start(),
    players: 35,
    rate: 20,
    seconds: 0.5,
    seed: 11,
    board: 'b',
    operator,
    sort,
    matches: 2,
    settle: true,
    json: undefined,
    databaseUrl: undefined,
    token: { secret: 's'.repeat(32), issuer: undefined, audience: undefined },
  };
  try {
    return await runSeason(options, SILENT);
  } finally {
    await standIn.stop();
  }
}

describe('a season against an honest server', () => {
  const rules: [Operator, SortOrder][] = [
    ['best', 'desc'],
    ['best', 'asc'],
    ['latest', 'desc'],
    ['latest', 'asc'],
    ['sum', 'desc'],
    ['sum', 'asc'],
  ];
  test.each(rules)('[SIM10] %s on %s: nothing is found', async (operator, sort) => {
    const summary = await play('none', operator, sort);
    expect(summary.problems).toEqual([]);
    expect(passed(summary)).toBe(true);
    expect(summary.ticks.acked).toBe(summary.ticks.sent);
    expect(summary.ticks.sent).toBeGreaterThan(150);
    expect(summary.finals).toMatchObject({ sent: 70, acked: 70, conflicts: 2 });
    expect(summary.ranks.checked).toBeGreaterThan(400);
    expect(summary.leftOut).toEqual(['drift.entries', 'finals.inPostgres', 'settlement.standings']);
  });

  test('[SIM11] connections that are lost in the middle lose nothing', async () => {
    const summary = await play('loses connections', 'sum');
    expect(summary.problems).toEqual([]);
    expect(summary.ticks).toMatchObject({ lost: 0, refused: 0, unknown: 0, acked: summary.ticks.sent });
  });
});

describe('a season against a server that lies', () => {
  test('[SIM10] forgotten ticks are counted as lost', async () => {
    const { ticks, ranks } = await play('forgets ticks', 'sum');
    expect(ticks.lost).toBeGreaterThan(0);
    expect(ranks.wrong).toBeGreaterThan(0);
  });

  test.each<Lie>(['breaks ties by player alone', 'says the wrong time', 'swaps two places in top'])(
    '[SIM10] a server that %s ranks wrong',
    async (lie) => {
      const { ranks, ticks } = await play(lie);
      expect(ranks.wrong).toBeGreaterThan(0);
      expect(ticks.lost).toBe(0);
    },
  );

  test.each<[Lie, string]>([
    ['banks the wrong score', 'confirmed'],
    ['takes a contradiction', 'contradicts'],
    ['calls no final a duplicate', 'not answered as duplicate'],
    ['settles anew each time', 'settling again'],
  ])('[SIM10] a server that %s is told so', async (lie, told) => {
    const summary = await play(lie);
    expect(passed(summary)).toBe(false);
    expect(summary.problems.join('\n')).toContain(told);
  });
});
