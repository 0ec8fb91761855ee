/** The outbox of season events in Postgres. */
import { eq, sql as text } from 'drizzle-orm';
import type { OutboxEvent, SeasonEventStore } from '../season/season-event-store.ts';
import type { Postgres } from './connections.ts';
import { recordAudit } from './queries/record-audit.ts';
import { claimSeasonEvents, listSeasonEvents, seasonEventOf } from './queries/season-events.ts';
import { seasonEvents } from './schema.ts';

const NOW = text<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export class PostgresSeasonEventStore implements SeasonEventStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  claim(of: { limit: number; leaseMs: number }): Promise<OutboxEvent[]> {
    return this.#postgres.write(({ sql }) => claimSeasonEvents(sql, of));
  }

  async delivered(id: string): Promise<void> {
    await this.#postgres.write(({ db }) =>
      db
        .update(seasonEvents)
        .set({ deliveredAt: NOW, nextAttemptAt: null, problem: null })
        .where(eq(seasonEvents.id, id)),
    );
  }

  async failed(id: string, of: { problem: string; retryInMs: number | undefined }): Promise<void> {
    const nextAttemptAt = of.retryInMs === undefined ? null : text<number>`${NOW} + ${of.retryInMs}::bigint`;
    await this.#postgres.write(({ db }) =>
      db.update(seasonEvents).set({ nextAttemptAt, problem: of.problem }).where(eq(seasonEvents.id, id)),
    );
  }

  list(of: { undelivered: boolean; limit: number }): Promise<OutboxEvent[]> {
    return this.#postgres.read(({ sql }) => listSeasonEvents(sql, of));
  }

  sendAgain(id: string, by: string): Promise<OutboxEvent | undefined> {
    return this.#postgres.write(async ({ sql, db }) => {
      const [again] = await db
        .update(seasonEvents)
        .set({ nextAttemptAt: NOW, deliveredAt: null })
        .where(eq(seasonEvents.id, id))
        .returning({ id: seasonEvents.id });
      if (!again) return undefined;
      await recordAudit(db, { by, action: 'season-event.send-again', target: id, detail: {} });
      return seasonEventOf(sql, id);
    });
  }
}
