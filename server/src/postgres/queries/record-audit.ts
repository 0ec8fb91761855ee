import type { Database } from '../connection.ts';
import { auditLog } from '../schema.ts';

export interface AuditRecord {
  /** Token subject, or `system`. */
  by: string;
  /** `noun.verb`: `season.close`. */
  action: string;
  /** Id of what was changed. */
  target: string;
  detail: Record<string, unknown>;
}

/** Belongs in the transaction of the change, so that neither is there without the other. Its time is the database's own. */
export async function recordAudit(db: Database, record: AuditRecord): Promise<void> {
  await db.insert(auditLog).values(record);
}
