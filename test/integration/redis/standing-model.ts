/** Who stands where, as a plain model says it, and as all of a season's keys in Redis say it. */
import type { Board } from '@photofinish/shared/domain/board';
import { isSameUnit } from '@photofinish/shared/domain/order';
import type { TickWrite } from '../../../server/src/board/live-board.ts';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { unpackEntry } from '../../../server/src/redis/entry-record.ts';
import { bucketRank, seasonKeys } from '../../../server/src/redis/keys.ts';
import { entryOfMember } from '../../../server/src/redis/rank-member.ts';
import { EntryModel, type EntryStep } from '../../contracts/entry-cases.ts';
import type { Ports } from './live-season.ts';

/** On boards by key each player has one. */
export const wishOf = (board: Board, player: string): string | undefined =>
  board.buckets?.by === 'key' ? `${player < '_' ? 'red' : 'k.7'}.0` : undefined;

export const withWish = (board: Board, tick: TickWrite): TickWrite => {
  const bucket = wishOf(board, tick.player);
  return bucket === undefined ? tick : { ...tick, bucket };
};

/** Entries as `EntryModel` has them, with who is hidden and in which bucket. */
export class StandingModel {
  readonly board: Board;
  readonly entries: EntryModel;
  readonly hidden = new Set<string>();
  readonly buckets = new Map<string, string>();

  constructor(board: Board) {
    this.board = board;
    this.entries = new EntryModel(board);
  }

  /** @returns per tick or write: what its reply must say of places */
  apply(step: EntryStep) {
    const before = new Set(this.#players());
    const players = step.kind === 'ticks' ? step.ticks : step.writes;
    if (step.kind === 'ticks') this.entries.tick(step.ticks);
    else this.entries.confirm(step.writes);
    // Within a batch the first score decides who comes first.
    const now = new Set(this.#players());
    for (const { player } of players) if (now.has(player) && !before.has(player)) this.#place(player);
    return players.map(({ player }) => this.placeOf(player));
  }

  placeOf(player: string) {
    if (!this.#players().includes(player)) return { rank: 0 };
    const bucket = this.buckets.get(player);
    const own = bucket === undefined ? undefined : this.rankIn(player, bucket);
    return {
      rank: this.rankIn(player),
      ...(this.hidden.has(player) ? { hidden: true } : {}),
      ...(bucket === undefined ? {} : { bucket, bucketRank: own }),
    };
  }

  /** As the board numbers equal results; 0 for the hidden. */
  rankIn(player: string, bucket?: string): number {
    const ranked = this.ranked(bucket);
    const index = ranked.findIndex((entry) => entry.player === player);
    const own = ranked[index];
    if (!own || this.board.ranking === 'ordinal') return index + 1;
    const first = ranked.findIndex((entry) => isSameUnit(entry, own));
    if (this.board.ranking === 'competition') return first + 1;
    return ranked
      .slice(0, first + 1)
      .filter((entry, i) => i === 0 || !isSameUnit(entry, ranked[i - 1] ?? entry)).length;
  }

  ranked(bucket?: string): EntryRecord[] {
    return this.entries
      .records()
      .filter(
        ({ player }) =>
          !this.hidden.has(player) && (bucket === undefined || this.buckets.get(player) === bucket),
      );
  }

  #players = (): string[] => this.entries.records().map(({ player }) => player);

  #place(player: string): void {
    const { buckets } = this.board;
    if (!buckets || this.buckets.has(player)) return;
    const prefix = wishOf(this.board, player)?.replace(/0$/, '') ?? '';
    for (let n = 1; ; n++) {
      const bucket = `${prefix}${n}`;
      if ([...this.buckets.values()].filter((other) => other === bucket).length >= buckets.size) continue;
      this.buckets.set(player, bucket);
      return;
    }
  }

  /** All that Redis must hold of places. */
  standing() {
    const names = [...new Set(this.buckets.values())].sort();
    const players = (bucket?: string) => this.ranked(bucket).map(({ player, score }) => [player, score]);
    const levels: { unit: EntryRecord; count: number }[] = [];
    for (const entry of this.board.ranking === 'dense' ? this.ranked() : []) {
      const last = levels.at(-1);
      if (last && isSameUnit(last.unit, entry)) last.count++;
      else levels.push({ unit: entry, count: 1 });
    }
    return {
      rank: players(),
      buckets: names.map((name) => [
        name,
        [...this.buckets.values()].filter((bucket) => bucket === name).length,
        players(name),
      ]),
      levels: levels.map(({ unit, count }) => [unit.score, unit.columnsKey ?? '', count]),
      unranked: this.#players()
        .filter((player) => this.hidden.has(player))
        .sort(),
      hiddenRecords: this.#players()
        .filter((player) => this.hidden.has(player))
        .sort(),
    };
  }
}

/** What Redis holds, in the words of the model. */
export async function standingIn(ports: Pick<Ports, 'redis'>, season: { id: string; board: Board }) {
  const { redis } = ports;
  const { board } = season;
  const keys = seasonKeys(season);
  const ranking = async (key: string) => {
    const listed = ((await redis.call('ZRANGE', key, '0', '-1', 'WITHSCORES')) as unknown[]).flat();
    const places: [string, number][] = [];
    for (let i = 0; i < listed.length; i += 2) {
      const entry = entryOfMember(board, String(listed[i]), Number(listed[i + 1]));
      places.push([entry.player, entry.score]);
    }
    return places;
  };
  const counts = Object.entries((await redis.hgetall(keys.buckets)) as Record<string, string>)
    .filter(([name]) => !name.startsWith('>'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const levels = ((await redis.call('ZRANGE', keys.levels, '0', '-1', 'WITHSCORES')) as unknown[]).flat();
  const levelCounts = (await redis.hgetall(keys.levelCounts)) as Record<string, string>;
  const told: [number, string, number][] = [];
  for (let i = 0; i < levels.length; i += 2) {
    const [text, placed] = [String(levels[i]), Number(levels[i + 1])];
    const score = placed === 0 ? 0 : board.sortOrder === 'desc' ? -placed : placed;
    told.push([score, text.slice(0, text.length - String(placed).length), Number(levelCounts[text])]);
  }
  if (Object.keys(levelCounts).length !== told.length)
    throw new Error('levels are counted that are not there');
  const packed = (await redis.hgetallBuffer(keys.entries)) as Record<string, Buffer>;
  const hiddenRecords = Object.entries(packed).filter(([name, bytes]) => unpackEntry(name, bytes).hidden);
  return {
    rank: await ranking(keys.rank),
    buckets: await Promise.all(
      counts.map(async ([name, count]) => [name, Number(count), await ranking(bucketRank(keys, name))]),
    ),
    levels: told,
    unranked: ((await redis.smembers(keys.unranked)) as string[]).sort(),
    hiddenRecords: hiddenRecords.map(([name]) => name).sort(),
  };
}

/** Of a season, in the order in which Postgres gives them. */
export async function recordsIn(ports: Pick<Ports, 'redis'>, season: { id: string; board: Board }) {
  const packed = (await ports.redis.hgetallBuffer(seasonKeys(season).entries)) as Record<string, Buffer>;
  return Object.entries(packed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => ({ ...unpackEntry(name, bytes), rev: 0 }));
}

/** Every key of a season, as Redis names them. */
export const keysIn = async (
  ports: Pick<Ports, 'redis'>,
  season: { id: string; board: Board },
): Promise<string[]> => {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await ports.redis.scan(
      cursor,
      'MATCH',
      `pf:{${season.board.id}:${season.id}}:*`,
      'COUNT',
      1_000,
    );
    found.push(...keys);
    cursor = next;
  } while (cursor !== '0');
  return found.sort();
};
