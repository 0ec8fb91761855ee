import type { Board } from '@photofinish/shared/domain/board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { differingRows } from '../../../server/src/postgres/queries/differing-rows.ts';
import { PostgresSnapshotStore } from '../../../server/src/postgres/snapshot-store.ts';
import { until } from '../../support/condition.ts';
import { connect, madeArena, madeMatch, T0, type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const record = (
  player: string,
  rev: number,
  score: number,
  more: Partial<EntryRecord> = {},
): EntryRecord => ({
  ...{ player, rev, score, achievedAt: T0 + rev, confirmed: undefined, finals: 0 },
  ...{ matchKey: '', matchEnded: false, provisional: { score, achievedAt: T0 + rev }, seqs: ';w=1;' },
  ...more,
});

const rowsOf = async (season: string) =>
  (
    await db.sql`select player, score, epoch, rev from snapshot_entries where season = ${season} order by player`
  ).map((row) => [row['player'], Number(row['score']), Number(row['epoch']), Number(row['rev'])]);

async function loaded(season: { id: string; board: Board }, chunkSize = 3): Promise<EntryRecord[]> {
  const records: EntryRecord[] = [];
  for await (const chunk of db.snapshot.load(season, chunkSize)) {
    expect(chunk.length).toBeLessThanOrEqual(chunkSize);
    records.push(...chunk);
  }
  return records;
}

/** Of a board with one column. */
const withUnits = (player: string, rev: number): EntryRecord => {
  const confirmed = { score: 5, achievedAt: T0, columnsKey: 'V--------', metadata: '{"é":"\\"\\\\,{}"}' };
  const provisional = { score: 4, achievedAt: T0 + rev, columnsKey: 'UzzzzzzzY', metadata: 'null' };
  return record(player, rev, 5, {
    ...{ confirmed, finals: 1, provisional, ...confirmed, matchKey: 'k', bucket: 'eu.3' },
  });
};

describe('snapshot', () => {
  test('[EN7] columns, metadata and bucket are written, compared and loaded again as they are; plain rows beside them', async () => {
    const { season, board } = await madeArena(db, { columns: [{ id: 'laps' }], entryMetadata: {} });
    const records = [withUnits('ann', 2), record('bob', 3, 7)];
    await db.snapshot.write({ season: season.id, epoch: 1, records, watermark: undefined });
    expect(
      await db.postgres.read(({ sql }) =>
        differingRows(sql, { season: season.id, epoch: 1, entries: records }),
      ),
    ).toEqual([]);
    const changes: Partial<EntryRecord>[] = [
      ...[{ columnsKey: 'V-------0' }, { metadata: '{}' }, { bucket: 'eu.4' }],
      { provisional: { score: 4, achievedAt: T0 + 2, columnsKey: 'UzzzzzzzZ', metadata: 'null' } },
    ];
    for (const change of changes) {
      const entries = [{ ...withUnits('ann', 2), ...change }];
      const found = await db.postgres.read(({ sql }) =>
        differingRows(sql, { season: season.id, epoch: 1, entries }),
      );
      expect(found, JSON.stringify(change)).toEqual([{ player: 'ann', kind: 'row-differs' }]);
    }
    expect(await loaded({ id: season.id, board })).toEqual([
      { ...withUnits('ann', 2), rev: 0 },
      { ...record('bob', 3, 7), rev: 0 },
    ]);
  });

  test('[SN1] a newer (epoch, rev) replaces a row, an older or equal one is refused and counted', async () => {
    const { season } = await madeArena(db);
    const write = (epoch: number, records: EntryRecord[]) =>
      db.snapshot.write({ season: season.id, epoch, records, watermark: undefined });
    expect(await write(1, [record('a', 5, 50), record('b', 6, 60)])).toEqual({
      kind: 'ok',
      written: 2,
      refused: 0,
    });
    expect(await write(1, [record('a', 5, 51), record('b', 5, 61), record('c', 7, 70)])).toEqual({
      ...{ kind: 'ok', written: 1, refused: 2 },
    });
    expect(await write(1, [record('a', 8, 80)])).toEqual({ kind: 'ok', written: 1, refused: 0 });
    expect(await write(2, [record('b', 1, 99)])).toEqual({ kind: 'ok', written: 1, refused: 0 });
    expect(await rowsOf(season.id)).toEqual([
      ['a', 80, 1, 8],
      ['b', 99, 2, 1],
      ['c', 70, 1, 7],
    ]);
  });

  test('[SN2] a chunk that names a player twice writes the newer record', async () => {
    const { season } = await madeArena(db);
    const records = [record('a', 1, 10), record('b', 2, 20), record('a', 3, 30)];
    expect(await db.snapshot.write({ season: season.id, epoch: 1, records, watermark: undefined })).toEqual({
      ...{ kind: 'ok', written: 2, refused: 0 },
    });
    expect(await rowsOf(season.id)).toEqual([
      ['a', 30, 1, 3],
      ['b', 20, 1, 2],
    ]);
  });

  test('[SN3] a flush of a past epoch is fenced: nothing of it is written, its watermark neither', async () => {
    const { season } = await madeArena(db);
    expect(await db.snapshot.raiseEpoch(season.id, 1)).toBe(2);
    expect(await db.snapshot.raiseEpoch(season.id, 1)).toBeUndefined();
    const watermark = { epoch: 1, version: 9, at: T0 };
    const chunk = { season: season.id, epoch: 1, records: [record('a', 9, 1)], watermark };
    expect(await db.snapshot.write(chunk)).toEqual({ kind: 'fenced', epoch: 2 });
    expect(await rowsOf(season.id)).toEqual([]);
    expect(await db.snapshot.watermark(season.id)).toBeUndefined();
    expect(await db.snapshot.epoch(season.id)).toBe(2);
  });

  test('[SN3] raising the epoch waits for a flush under way', async () => {
    const { season } = await madeArena(db);
    let raised = false;
    await db.sql.begin(async (flush) => {
      await flush`select epoch from seasons where id = ${season.id} for share`;
      void db.snapshot.raiseEpoch(season.id, 1).then(() => {
        raised = true;
      });
      await until('the raise to wait', async () => {
        const rows =
          await db.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%epoch + 1%'`;
        return rows.length > 0;
      });
      expect(raised).toBe(false);
    });
    await until('the raise', () => raised);
  });

  test('[SN4] two flushers with the same players in opposite orders never deadlock, and the newest rows stay', async () => {
    const { season } = await madeArena(db);
    const players = Array.from({ length: 300 }, (_, i) => `p${String(i).padStart(3, '0')}`);
    const other = connect(db.url);
    const stores = [db.snapshot, new PostgresSnapshotStore(other)];
    await Promise.all(
      stores.map(async (store, turned) => {
        for (let round = 1; round <= 20; round++) {
          const records = players.map((player) => record(player, round * 2 + turned, round * 2 + turned));
          if (turned) records.reverse();
          await store.write({ season: season.id, epoch: 1, records, watermark: undefined });
        }
      }),
    );
    await other.close();
    const [deadlocks] =
      await db.sql`select deadlocks from pg_stat_database where datname = current_database()`;
    expect(Number(deadlocks?.['deadlocks'])).toBe(0);
    expect(new Set((await rowsOf(season.id)).map((row) => row[1]))).toEqual(new Set([41]));
  });

  test('[SN5] the watermark is written with its chunk and never moves back', async () => {
    const { season } = await madeArena(db);
    const marks = [
      { epoch: 1, version: 5, at: T0 + 5 },
      { epoch: 1, version: 3, at: T0 + 9 },
      { epoch: 1, version: 5, at: T0 + 7 },
    ];
    for (const watermark of marks)
      await db.snapshot.write({ season: season.id, epoch: 1, records: [], watermark });
    expect(await db.snapshot.watermark(season.id)).toEqual({ epoch: 1, version: 5, at: T0 + 7 });
    const next = { epoch: 2, version: 0, at: T0 + 8 };
    await db.snapshot.write({ season: season.id, epoch: 2, records: [], watermark: next });
    expect(await db.snapshot.watermark(season.id)).toEqual(next);
  });

  test('[SN5] a chunk with a row that the database refuses writes nothing of itself', async () => {
    const { season } = await madeArena(db);
    const poison = record('b', 2, 2, { achievedAt: 2 ** 70 });
    const chunk = { season: season.id, epoch: 1, records: [record('a', 1, 1), poison] };
    const write = db.snapshot.write({ ...chunk, watermark: { epoch: 1, version: 2, at: T0 } });
    await expect(write).rejects.toMatchObject({ sqlState: expect.stringMatching(/^22/) });
    expect(await rowsOf(season.id)).toEqual([]);
    expect(await db.snapshot.watermark(season.id)).toBeUndefined();
  });

  test('[SN6] what was flushed is loaded again, in key order and in chunks, with rev 0', async () => {
    const { board, season, match } = await madeArena(db);
    const key = `matchkey${match.id}`;
    const records = [
      record('Zoe', 4, 40, {
        seqs: ';we"ird\\writer,{}=9;',
        matchKey: key,
        confirmed: { score: -3, achievedAt: T0 },
        finals: 1,
      }),
      record('adam', 5, 0, {
        provisional: undefined,
        confirmed: { score: 0, achievedAt: T0 + 5 },
        finals: 2,
        matchEnded: true,
      }),
      record('null', 6, -60),
      record('~', 7, 70),
      record('-', 8, Number.MAX_SAFE_INTEGER),
    ];
    await db.snapshot.write({ season: season.id, epoch: 1, records, watermark: undefined });
    const found = await loaded({ id: season.id, board }, 2);
    expect(found.map((entry) => entry.player)).toEqual(['-', 'Zoe', 'adam', 'null', '~']);
    const expected = [...records].sort((a, b) => (a.player < b.player ? -1 : 1));
    expect(found).toEqual(expected.map((entry) => ({ ...entry, rev: 0 })));
  });

  test('[SN7] a load takes newer confirmed scores from standings, drops ticks of matches that have a final, and mends the snapshot', async () => {
    const { board, season, match } = await madeArena(db, { operator: 'sum' });
    const later = await madeMatch(db, board, 2);
    const keyOf = async (id: string) =>
      (await db.sql`select match_key from standings where season = ${season.id} and player = ${id}`)[0]?.[
        'match_key'
      ];
    await db.finals.write([
      {
        match: match.id,
        finals: [
          { player: 'a', score: 100 },
          { player: 'only-final', score: 7 },
        ],
        end: false,
        at: T0 + 50,
      },
      { match: later.id, finals: [{ player: 'b', score: 5 }], end: false, at: T0 + 60 },
    ]);
    const matchKey = String(await keyOf('a'));
    const laterKey = String(await keyOf('b'));
    await db.snapshot.write({
      season: season.id,
      epoch: 1,
      // `a` and `b` were flushed before their finals reached Redis; `c` plays on in the later match.
      records: [
        record('a', 3, 90, { matchKey, provisional: { score: 90, achievedAt: T0 + 40 } }),
        record('b', 4, 33, { matchKey, provisional: { score: 33, achievedAt: T0 + 41 } }),
        record('c', 5, 8, { matchKey: laterKey }),
      ],
      watermark: undefined,
    });
    const epoch = await db.snapshot.raiseEpoch(season.id, 1);
    const found = await loaded({ id: season.id, board });
    expect(
      found.map(({ player, score, finals, matchKey: key, matchEnded }) => [
        player,
        score,
        finals,
        key,
        matchEnded,
      ]),
    ).toEqual([
      ['a', 100, 1, matchKey, true],
      ['b', 5, 1, laterKey, true],
      ['c', 8, 0, laterKey, false],
      ['only-final', 7, 1, matchKey, true],
    ]);
    expect(await rowsOf(season.id)).toEqual([
      ['a', 100, epoch, 0],
      ['b', 5, epoch, 0],
      ['c', 8, 1, 5],
      ['only-final', 7, epoch, 0],
    ]);
    expect(await loaded({ id: season.id, board })).toEqual(found);
  });

  test('[SN8] top, around and ranks of a snapshot agree under the total order', async () => {
    for (const sortOrder of ['desc', 'asc'] as const) {
      const { board, season } = await madeArena(db, { sortOrder });
      const live = { id: season.id, board };
      expect(await db.snapshot.page(live, { limit: 10 })).toEqual({
        total: 0,
        count: 0,
        above: 0,
        entries: [],
      });
      const at = (achievedAt: number) => ({ achievedAt });
      const records = [
        ...[record('b', 1, 10, at(5)), record('B', 2, 10, at(5)), record('a', 3, 10, at(9))],
        ...[record('c', 4, -1, at(1)), record('d', 5, 20, at(1))],
      ];
      await db.snapshot.write({ season: season.id, epoch: 1, records, watermark: undefined });
      const order = sortOrder === 'desc' ? ['d', 'B', 'b', 'a', 'c'] : ['c', 'B', 'b', 'a', 'd'];
      const top = await db.snapshot.page(live, { limit: 3 });
      expect([top.total, top.entries.map((entry) => [entry.rank, entry.player])]).toEqual([
        5,
        order.slice(0, 3).map((player, i) => [i + 1, player]),
      ]);
      const around = await db.snapshot.around(live, { player: 'b', above: 1, below: 2 });
      expect([around.total, around.entries.map((entry) => [entry.rank, entry.player])]).toEqual([
        5,
        order.slice(1, 5).map((player, i) => [i + 2, player]),
      ]);
      expect(await db.snapshot.around(live, { player: 'nobody', above: 1, below: 1 })).toEqual({
        total: 5,
        entries: [],
      });
      const ranks = await db.snapshot.ranks(live, ['a', 'nobody', 'd']);
      expect([ranks.total, ranks.entries.map((entry) => entry && 'rank' in entry && entry.rank)]).toEqual([
        5,
        [order.indexOf('a') + 1, undefined, order.indexOf('d') + 1],
      ]);
    }
  });

  test('[SN9] the snapshot has no index but its key, and room for updates in its pages', async () => {
    const [options] = await db.sql`select reloptions from pg_class where relname = 'snapshot_entries'`;
    expect(options?.['reloptions']).toEqual(['fillfactor=70']);
    const indexes = await db.sql`select indexdef from pg_indexes where tablename = 'snapshot_entries'`;
    expect(indexes.map((row) => row['indexdef'])).toEqual([expect.stringContaining('(season, player)')]);
  });

  test('[SN10] an unknown season is SEASON_NOT_FOUND', async () => {
    const chunk = { season: 'nowhere', epoch: 1, records: [record('a', 1, 1)], watermark: undefined };
    await expect(db.snapshot.write(chunk)).rejects.toMatchObject({ code: 'SEASON_NOT_FOUND' });
    await expect(db.snapshot.epoch('nowhere')).rejects.toMatchObject({ code: 'SEASON_NOT_FOUND' });
  });
});
