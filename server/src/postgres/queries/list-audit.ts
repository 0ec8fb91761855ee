import { and, desc, eq, lt } from 'drizzle-orm';
import type { AuditQuery, StoredAuditRecord } from '../../board/audit-store.ts';
import type { Database } from '../connection.ts';
import { auditLog } from '../schema.ts';

/** Newest first. */
export function listAudit(db: Database, of: AuditQuery): Promise<StoredAuditRecord[]> {
  return db
    .select()
    .from(auditLog)
    .where(
      and(
        of.before === undefined ? undefined : lt(auditLog.id, of.before),
        of.by === undefined ? undefined : eq(auditLog.by, of.by),
        of.action === undefined ? undefined : eq(auditLog.action, of.action),
        of.target === undefined ? undefined : eq(auditLog.target, of.target),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(of.limit);
}
