/** The SHA-256 that a settlement publishes, computed again from its rows: one line each, `rank TAB player TAB score TAB achievedAtMs LF`. */
import { createHash } from 'node:crypto';
import type { Place } from './order.ts';

export function standingsHash(rows: readonly (Place & { rank: number })[]): string {
  const hash = createHash('sha256');
  for (const { rank, player, score, achievedAt } of rows)
    hash.update(`${rank}\t${player}\t${score}\t${achievedAt}\n`);
  return hash.digest('hex');
}
