/** Import of a past season: rows go straight into Postgres (write-around), a transaction per batch.
 *
 *  An imported row is an entry of the snapshot, as ticks would have left it: it is ranked and read like any other. It is no final, so it
 *  has no standing and no part in prizes. In mode `replace` it is a correction, and takes the place of what stands. Else the first row of a player stands; the same row again changes nothing, so an import that broke
 *  off is sent again from its beginning. A change of an open season's flush that comes late is newer than any imported row.
 *
 *  A closed season may still be in Redis, which knows nothing of the rows: it is drained and forgotten before the first row and after the
 *  last, and reads come from the snapshot. A rebuild in between loads what is committed, and is forgotten at the end. A crash in between
 *  leaves whole batches; the season then may be warm and short of rows until the import is sent again, which forgets it again. */
import { Fault, faultFields } from '@photofinish/shared/protocol/errors';
import type { Catalogue } from '../board/catalogue.ts';
import type { LiveSeason } from '../board/live-board.ts';
import type { Flusher } from '../flush/flusher.ts';
import type { WarmSeasons } from '../flush/warm-seasons.ts';
import type { Log } from '../observe/log.ts';
import { linesOf } from './import-lines.ts';
import { type ImportFormat, ImportReader } from './import-row.ts';
import type { ImportMode, ImportRow, ImportStore } from './import-store.ts';

/** Of one transaction. Larger ones hold the season's row longer and gain nothing. */
const BATCH_ROWS = 5_000;
/** One import holds a connection and some megabytes. */
const IMPORTS_MAX = 2;
export const IMPORT_ROWS_MAX = 10_000_000;
/** Refused lines that are named; further ones are counted. */
export const REFUSALS_NAMED_MAX = 1_000;
const PROGRESS_MS = 1_000;
const DRAIN_MS = 20_000;
const FORGET_TRIES = 5;

export interface ImportCounts {
  lines: number;
  imported: number;
  /** Of those, entries that had another score or time before: in mode `replace` alone. */
  replaced: number;
  unchanged: number;
  refused: number;
}

export type ImportEvent =
  | ({ type: 'progress' } & ImportCounts)
  | ({ type: 'refused'; line: number } & ReturnType<typeof faultFields>)
  | ({ type: 'done'; refusalsNamed: number; ms: number } & ImportCounts)
  /** Batches before it are committed. */
  | ({ type: 'failed' } & ImportCounts & ReturnType<typeof faultFields>);

interface Deps {
  store: ImportStore;
  warm: Pick<WarmSeasons, 'evict'>;
  catalogue: Pick<Catalogue, 'season' | 'live'>;
  flusher: Pick<Flusher, 'drain'>;
  log: Log;
}

export interface ImportOrder {
  season: string;
  by: string;
  format: ImportFormat;
  mode: ImportMode;
  body: AsyncIterable<Uint8Array>;
  emit: (event: ImportEvent) => void;
}

export class SeasonImport {
  readonly #deps: Deps;
  #underWay = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Resolves once the import may begin; `run` reads the body. @throws Fault SEASON_NOT_FOUND, INVALID_REQUEST, OVERLOADED, UNAVAILABLE */
  async begin(order: ImportOrder): Promise<{ run(): Promise<void> }> {
    if (this.#underWay >= IMPORTS_MAX)
      throw new Fault('OVERLOADED', `too many imports at once; wait for one to end`, {
        limit: `${IMPORTS_MAX} imports per server`,
        fix: 'wait for one to end',
        retryAfterMs: 5_000,
      });
    this.#underWay++;
    try {
      const season = await this.#deps.catalogue.live(await this.#deps.catalogue.season(order.season));
      // Of no rows: refuses a season that is not closed.
      await this.#deps.store.write(season.id, []);
      await this.#forget(season);
      if (order.mode === 'replace') await this.#deps.store.fence(season.id);
      return { run: () => this.#run(season, order).finally(() => this.#underWay--) };
    } catch (error) {
      this.#underWay--;
      throw error;
    }
  }

  /** Never throws: what goes wrong is the last event. */
  async #run(season: LiveSeason, order: ImportOrder): Promise<void> {
    const startedAt = performance.now();
    const run = new ImportRun(this.#deps.store, season, order);
    try {
      await run.all();
      await this.#forget(season);
      const { imported, refused } = run.counts;
      await this.#deps.store.record({ season: season.id, by: order.by, mode: order.mode, imported, refused });
      run.done(Math.round(performance.now() - startedAt));
    } catch (error) {
      if (!(error instanceof Fault)) this.#deps.log.error({ err: error, season: season.id }, 'import failed');
      run.failed(error);
    }
  }

  /** @throws Fault UNAVAILABLE while something of the season is not committed */
  async #forget(season: LiveSeason): Promise<void> {
    for (let tries = 0; tries < FORGET_TRIES; tries++) {
      try {
        await this.#deps.flusher.drain(season, 'admin', DRAIN_MS);
      } catch (error) {
        this.#deps.log.warn({ err: error, season: season.id }, 'season not drained for its import');
        break;
      }
      if (await this.#deps.warm.evict(season)) return;
    }
    throw new Fault('UNAVAILABLE', `season: ${season.id} has scores in Redis that are not committed yet`, {
      field: 'season',
      fix: 'wait for its flush, then send the import again',
      retryAfterMs: 2_000,
    });
  }
}

class ImportRun {
  readonly counts: ImportCounts = { lines: 0, imported: 0, replaced: 0, unchanged: 0, refused: 0 };
  readonly #store: ImportStore;
  readonly #season: LiveSeason;
  readonly #order: ImportOrder;
  readonly #reader: ImportReader;
  #rows: ImportRow[] = [];
  #named = 0;
  #toldAt = performance.now();

  constructor(store: ImportStore, season: LiveSeason, order: ImportOrder) {
    this.#store = store;
    this.#season = season;
    this.#order = order;
    this.#reader = new ImportReader(season.board, order.format);
  }

  /** The body is not read while a batch is being written: its sender waits in TCP. */
  async all(): Promise<void> {
    for await (const lines of linesOf(this.#order.body)) {
      for (const line of lines) {
        this.#take(line);
        if (this.#rows.length >= BATCH_ROWS) await this.#write();
      }
    }
    await this.#write();
  }

  done(ms: number): void {
    this.#order.emit({ type: 'done', ...this.counts, refusalsNamed: this.#named, ms });
  }

  failed(error: unknown): void {
    const fault =
      error instanceof Fault
        ? error
        : new Fault('INTERNAL', 'the import broke off; batches before are committed, send it again', {
            fix: 'send the whole import again: rows that are there change nothing',
            retryAfterMs: 1_000,
          });
    this.#order.emit({ type: 'failed', ...this.counts, ...faultFields(fault) });
  }

  #take(text: string): void {
    const line = ++this.counts.lines;
    if (line > IMPORT_ROWS_MAX + 1)
      throw new Fault(
        'INVALID_REQUEST',
        `body: more than ${IMPORT_ROWS_MAX} rows; send the rest in another`,
        {
          field: 'body',
          limit: `${IMPORT_ROWS_MAX} rows`,
          fix: 'send the rest in another import',
        },
      );
    try {
      const row = this.#reader.read(text, line);
      if (row) this.#rows.push(row);
    } catch (error) {
      if (!(error instanceof Fault) || !this.#reader.canGoOn) throw error;
      this.#refuse(line, error);
    }
  }

  async #write(): Promise<void> {
    const rows = this.#rows;
    if (rows.length === 0) return;
    this.#rows = [];
    const { mode, by } = this.#order;
    const batch =
      mode === 'replace'
        ? await this.#store.replace(this.#season.id, rows, by)
        : await this.#store.write(this.#season.id, rows);
    this.counts.imported += batch.imported;
    this.counts.replaced += batch.replaced;
    this.counts.unchanged += batch.unchanged;
    for (const { line, player, score } of batch.conflicts)
      this.#refuse(line, mode === 'replace' ? hasFinals(player) : firstStands(player, score));
    if (performance.now() - this.#toldAt < PROGRESS_MS) return;
    this.#toldAt = performance.now();
    this.#order.emit({ type: 'progress', ...this.counts });
  }

  #refuse(line: number, fault: Fault): void {
    this.counts.refused++;
    if (this.#named >= REFUSALS_NAMED_MAX) return;
    this.#named++;
    this.#order.emit({ type: 'refused', line, ...faultFields(fault) });
  }
}

const firstStands = (player: string, score: number): Fault =>
  new Fault('INVALID_REQUEST', `player: ${player} has an entry with score ${score}, and the first stands`, {
    field: 'player',
    limit: 'one entry per season and player',
    fix: 'leave the row out, or correct entries with ?mode=replace',
  });

const hasFinals = (player: string): Fault =>
  new Fault('INVALID_REQUEST', `player: ${player} has finals in this season, and what finals say stays`, {
    field: 'player',
    limit: 'entries that ticks or imports left',
    fix: 'leave the row out',
  });
