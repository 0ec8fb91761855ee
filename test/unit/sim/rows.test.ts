import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import { describe, expect, test } from 'vitest';
import { Account } from '../../../client-sim/src/books/account.ts';
import { checkFinals, checkSnapshot } from '../../../client-sim/src/checks/rows.ts';
import type { FinalRow, SnapshotRow } from '../../../client-sim/src/database.ts';
import { Findings } from '../../../client-sim/src/findings.ts';
import type { Run } from '../../../client-sim/src/run.ts';

/** Ann banked 10 and plays: 12, then 14, both acked. */
function run(rows: SnapshotRow[], finals: FinalRow[] = []): Run {
  const account = new Account('ann', { operator: 'best', sort: 'desc' });
  account.final({ score: 10, notBefore: 1, notAfter: 2 });
  for (const [i, score] of [12, 14].entries())
    account.sent({ seq: i + 1, score, intendedAt: 10, answeredAt: 11, fate: 'acked' });
  return {
    season: 's1',
    players: [{ id: 'ann', account }],
    findings: new Findings(),
    finals: { inPostgres: 0, expected: new Map([['m1 ann', 10]]) },
    watch: { clean: async () => true },
    database: { snapshotRows: async () => rows, finalRows: async () => finals },
  } as unknown as Run;
}

const live = new Map<string, RankedEntry>([['ann', { rank: 1, player: 'ann', score: 14, achievedAt: 11 }]]);
const right: SnapshotRow = { player: 'ann', score: 14, achievedAt: 11, confirmed: 10, provisional: 14 };

describe('rows against the books', () => {
  test.each<[string, SnapshotRow[], number, number]>([
    ['the right row', [right], 0, 0],
    ['no row', [], 1, 2],
    ['a row one tick behind', [{ ...right, score: 12, provisional: 12 }], 1, 1],
    ['a row with another time than the wire told', [{ ...right, achievedAt: 12 }], 1, 0],
    ['a row with another confirmed score', [{ ...right, confirmed: 9 }], 1, 0],
    ['a row that lost the match under way', [{ ...right, provisional: null }], 1, 2],
    ['a row of a stranger', [right, { ...right, player: 'bob' }], 1, 0],
  ])('[SIM12] %s', async (_, rows, drifted, lost) => {
    const checked = run(rows);
    await checkSnapshot(checked, 'ticks', live);
    expect(checked.findings).toMatchObject({ drifted, lost, problemCount: drifted });
  });

  const final = { match: 'm1', player: 'ann', score: 10 };
  test.each<[string, FinalRow[], number, number]>([
    ['every final once', [final], 1, 0],
    ['no final', [], 0, 1],
    ['another score', [{ ...final, score: 11 }], 0, 1],
    ['the same final twice', [final, final], 1, 1],
    ['a final that nobody sent', [final, { ...final, match: 'm2' }], 1, 1],
  ])('[SIM12] final_scores with %s', async (_, rows, inPostgres, problemCount) => {
    const checked = run([], rows);
    await checkFinals(checked);
    expect(checked.finals.inPostgres).toBe(inPostgres);
    expect(checked.findings.problemCount).toBe(problemCount);
  });
});
