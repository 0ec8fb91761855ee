/** Port: who changed what. Records are written with the change, in its transaction; this reads them. Implemented by postgres/. */

export interface AuditRecord {
  /** Token subject, or `system`. */
  by: string;
  /** `noun.verb`: `season.close`. */
  action: string;
  /** Id of what was changed. */
  target: string;
  detail: Record<string, unknown>;
}

export interface StoredAuditRecord extends AuditRecord {
  /** Grows with every record. */
  id: number;
  /** By the database's clock, in milliseconds since the Unix epoch. */
  at: number;
}

export interface AuditQuery {
  by?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  /** Records older than this one. */
  before?: number | undefined;
  limit: number;
}

export interface AuditStore {
  /** Newest first. */
  list(of: AuditQuery): Promise<StoredAuditRecord[]>;
}
