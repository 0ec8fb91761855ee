/** Ranks after random operations: a plain model in memory, the scripts in a real Redis, and the reads of a real Postgres. */
import type { Board } from '@photofinish/shared/domain/board';
import fc from 'fast-check';
import { nanoid } from 'nanoid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LiveSeason } from '../../server/src/board/live-board.ts';
import { RedisLiveHiding } from '../../server/src/redis/live-hiding.ts';
import { RedisWarmSeasons } from '../../server/src/redis/warm-seasons.ts';
import { EntryModel } from '../contracts/entry-cases.ts';
import { PlacedModel } from '../contracts/placed-cases.ts';
import { OPERATIONS, operationsOn, RANKED_BOARDS, type RankOperation } from '../contracts/rank-operations.ts';
import { T0, type TestDatabase, testDatabase } from './postgres/database.ts';
import { claimAll, openPorts, type Ports, taken, warm } from './redis/live-season.ts';

/** Another one each run, told in the log: `RANKS_SEED` runs a certain one again. */
const SEED = Number(process.env['RANKS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Ticks that come after each other go in batches of at most so many; ranks are compared after every few batches. */
const BATCH_MAX = 25;
const COMPARED_EVERY = 12;

let db: TestDatabase;
let redis: Ports;
beforeAll(async () => {
  console.info(`rank operations: seed ${SEED}`);
  [db, redis] = await Promise.all([testDatabase(), openPorts(inject('redisUrl'))]);
});
afterAll(async () => {
  redis.close();
  await db.close();
});

class Played {
  readonly season: LiveSeason;
  readonly model: EntryModel;
  readonly hidden = new Set<string>();
  #hidings = 0;

  constructor(season: LiveSeason) {
    this.season = season;
    this.model = new EntryModel(season.board);
  }

  get visible() {
    const shown = this.model.records().filter(({ player }) => !this.hidden.has(player));
    return new PlacedModel(
      this.season.board,
      shown.map(({ player, score, columnsKey, achievedAt }) => ({
        ...{ player, score, achievedAt },
        ...(columnsKey === undefined ? {} : { columnsKey }),
      })),
    );
  }

  /** Ranks in the answers are those after the whole batch. */
  async tick(batch: readonly Extract<RankOperation, { kind: 'tick' }>[]): Promise<void> {
    const ticks = batch.map(({ tick }) => tick);
    const { outcomes } = taken(await redis.live.tick(this.season, ticks));
    const expected = this.model.tick(ticks);
    const { entries } = this.visible.ranks(ticks.map(({ player }) => player));
    expect(outcomes.map(({ refused, score, rank }) => ({ refused, score, rank }))).toEqual(
      expected.map(({ refused, score }, i) => ({ refused, score, rank: entries[i]?.rank ?? 0 })),
    );
  }

  async other(operation: Exclude<RankOperation, { kind: 'tick' }>): Promise<void> {
    if (operation.kind === 'final') {
      const result = await redis.live.confirm(this.season, [operation.write], T0);
      const [expected] = this.model.confirm([operation.write]);
      const [entry] = this.visible.ranks([operation.write.player]).entries;
      expect(result.kind === 'ok' && result.entries).toMatchObject([
        { score: expected?.score, rank: entry?.rank ?? 0 },
      ]);
      return;
    }
    const { player, hidden } = operation;
    const [hide, show] = hidden ? [[player], []] : [[], [player]];
    this.hidden[hidden ? 'add' : 'delete'](player);
    const version = ++this.#hidings;
    await new RedisLiveHiding(redis.redis).setHidden(this.season, {
      hide,
      show,
      version,
      after: version - 1,
    });
  }

  async compare(): Promise<void> {
    const model = this.visible;
    const all = model.page({ limit: 100 });
    expect(await redis.live.page(this.season, { limit: 100 })).toEqual(expect.objectContaining(all));
    const players = all.entries.map(({ player }) => player);
    expect(await redis.live.ranks(this.season, players)).toEqual(
      expect.objectContaining(model.ranks(players)),
    );
  }

  /** What the flusher writes, and who is hidden, as Postgres has it. */
  async compareFlushed(): Promise<void> {
    const { id, board } = this.season;
    const { records } = await claimAll(redis, this.season);
    await db.snapshot.write({ season: id, epoch: 1, records: [...records.values()], watermark: undefined });
    const entered = this.model.records().map(({ player }) => player);
    const rows = [...this.hidden].filter((player) => entered.includes(player));
    if (rows.length > 0) {
      await db.sql`insert into players ${db.sql(rows.map((player) => ({ id: player })))} on conflict do nothing`;
      await db.sql`insert into hidden_players ${db.sql(rows.map((player) => ({ board: board.id, player, by: 'test' })))}`;
    }
    const model = this.visible;
    expect(await db.snapshot.page(this.season, { limit: 100 })).toEqual(model.page({ limit: 100 }));
    const asked = [...entered, 'nobody'];
    const live = await redis.live.ranks(this.season, asked);
    const stored = await db.snapshot.ranks(this.season, asked);
    expect(live.kind === 'ok' && live.entries).toEqual(stored.entries);
    expect(stored.entries.map((entry) => (entry && 'rank' in entry ? entry.rank : undefined))).toEqual(
      model.ranks(asked).entries.map((entry) => entry?.rank),
    );
  }
}

async function play(board: Board, operations: readonly RankOperation[]): Promise<void> {
  const id = nanoid();
  const own = { ...board, id };
  await db.boards.createBoard(own, 'tester');
  await db.boards.openSeason({ id, board: id, at: T0, by: 'tester' });
  const played = new Played(await warm(redis, { id, board: own }));
  let batch: Extract<RankOperation, { kind: 'tick' }>[] = [];
  let calls = 0;
  const flush = async () => {
    if (batch.length > 0) await played.tick(batch);
    batch = [];
    if (++calls % COMPARED_EVERY === 0) await played.compare();
  };
  for (const operation of operations) {
    if (operation.kind === 'tick') batch.push(operation);
    if (batch.length === BATCH_MAX || operation.kind !== 'tick') await flush();
    if (operation.kind !== 'tick') await played.other(operation);
  }
  await flush();
  await played.compare();
  await played.compareFlushed();
  await new RedisWarmSeasons(redis.redis).evict(played.season);
}

for (const board of RANKED_BOARDS)
  test(`[RD11] after ${OPERATIONS} random operations ranks are those of the model: ${board.operator}, ${board.sortOrder}, ${board.ranking}, ${board.kind}, ${board.columns.length} columns`, async () => {
    await fc.assert(
      fc.asyncProperty(operationsOn(board), (operations) => play(board, operations)),
      { numRuns: 1, seed: SEED, interruptAfterTimeLimit: 20_000 },
    );
  });
