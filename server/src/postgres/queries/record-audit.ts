import type { AuditRecord } from '../../board/audit-store.ts';
import type { Database } from '../connection.ts';
import { auditLog } from '../schema.ts';

/** Belongs in the transaction of the change, so that neither is there without the other. Its time is the database's own. */
export async function recordAudit(db: Database, record: AuditRecord): Promise<void> {
  await db.insert(auditLog).values(record);
}
