/** The audit log in Postgres. */
import type { AuditQuery, AuditStore, StoredAuditRecord } from '../board/audit-store.ts';
import type { Postgres } from './connections.ts';
import { listAudit } from './queries/list-audit.ts';

export class PostgresAuditStore implements AuditStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  list(of: AuditQuery): Promise<StoredAuditRecord[]> {
    return this.#postgres.read(({ db }) => listAudit(db, of));
  }
}
