/** What a settlement waits for before it pays anybody. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Flag } from '../board/flag-store.ts';

/** Flags named in one answer; the queue has all of them. */
const NAMED_MAX = 100;

const wordsOf = ({ id, kind, player, match, detail }: Flag): string =>
  `flag ${id}: ${kind}, player ${player}, match ${match}, ${Object.entries(detail)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`;

export const settlementBlocked = (season: string, open: readonly Flag[]): Fault =>
  new Fault(
    'SETTLEMENT_BLOCKED',
    `season: ${season} has ${open.length} open flags of players who would be paid; clear or confirm each`,
    {
      field: 'season',
      limit: 'no open flag on a paid place',
      fix: 'POST /v1/admin/flags/{flag}/clear or /confirm',
      reasons: open.slice(0, NAMED_MAX).map(wordsOf),
    },
  );

export const notCompared = (season: string, finals: number): Fault =>
  new Fault(
    'UNAVAILABLE',
    `season: ${finals} finals of ${season} are not compared with their last ticks yet; try again once Redis has them`,
    {
      field: 'season',
      limit: 'all finals compared, on a board with finals.tolerance',
      fix: 'try again',
      retryAfterMs: 2_000,
    },
  );
