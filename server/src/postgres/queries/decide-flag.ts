import { eq } from 'drizzle-orm';
import type { Flag, FlagDecision } from '../../board/flag-store.ts';
import type { Connection } from '../connection.ts';
import { flags } from '../schema-flags.ts';
import { changeHidden } from './change-hidden.ts';
import { recordAudit } from './record-audit.ts';

/** Belongs in a transaction: the decision, its audit record, and the hiding that it means. @returns undefined when there is no such flag */
export async function decideFlag(connection: Connection, decision: FlagDecision): Promise<Flag | undefined> {
  const { db } = connection;
  const { flag: id, status, at, by } = decision;
  const [row] = await db.select().from(flags).where(eq(flags.id, id)).for('update');
  if (!row || row.status === status) return row;
  const decided = { status, decidedAt: at, decidedBy: by };
  await db.update(flags).set(decided).where(eq(flags.id, id));
  const { board, season, match, player, kind } = row;
  await recordAudit(db, {
    ...{ by, action: status === 'confirmed' ? 'flag.confirm' : 'flag.clear', target: String(id) },
    detail: { board, season, match, player, kind, before: row.status },
  });
  if (status === 'confirmed') await changeHidden(connection, { players: [player], board, hidden: true, by });
  return { ...row, ...decided };
}
