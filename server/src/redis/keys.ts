/** Redis keys of one season, all on one hash tag, so that every script touches one slot of a cluster.
 *  Ids are ASCII without braces (shared/domain/ids), so that none can leave its tag. */
import type { LiveSeason } from '../board/live-board.ts';

export interface SeasonKeys {
  /** ZSET: stamp of achievedAt + player, by ranked score: ZRANGE order is the total order. */
  rank: string;
  /** HASH: player -> record (entry-record.ts, scripts/entry.lua). */
  entries: string;
  /** SET: players changed since the last claim. */
  dirty: string;
  /** SET: players that a flusher took and has not acked. */
  claim: string;
  /** HASH: epoch, version, state, dirtySince, claimSince, claimVersion, dirtyFrom (version at the last claim: who changed after it is
   *  dirty), flushNo, run (of the Redis in which it was built), hiding (version of the list of hidden players that it was told of), hidden
   *  (there is one), levels (they are kept). Without `epoch` the season is cold; with `pastEpoch` then, that life went back in time and its
   *  entries wait to be merged. */
  meta: string;
  /** ZSET and HASH: each different unit in `rank` once, and how many have it (scripts/standing.lua). */
  levels: string;
  levelCounts: string;
  /** HASH: bucket -> players that have a place in it. The ranking of a bucket is `bucketRank`. */
  buckets: string;
  /** SET: players who are hidden on the board; SET: those of them that have an entry. */
  hidden: string;
  unranked: string;
  /** What a rebuild has filled and not yet published. */
  buildRank: string;
  buildEntries: string;
  /** SET: players whose entry in the build is not in the database. */
  buildDirty: string;
  buildLevels: string;
  buildLevelCounts: string;
  buildBuckets: string;
  buildHidden: string;
  buildUnranked: string;
  /** SET: players of the build who have no place in a bucket yet. */
  buildUnplaced: string;
  /** Owner of the flusher's lease. */
  lease: string;
  /** ZSET: the servers that look after the season, by when they are forgotten. */
  crew: string;
  /** Token of the rebuild under way. */
  builder: string;
}

export function seasonKeys(season: LiveSeason): SeasonKeys {
  const tag = `pf:{${season.board.id}:${season.id}}:`;
  return {
    rank: `${tag}rank`,
    entries: `${tag}entries`,
    dirty: `${tag}dirty`,
    claim: `${tag}claim`,
    meta: `${tag}meta`,
    levels: `${tag}levels`,
    levelCounts: `${tag}level-counts`,
    buckets: `${tag}buckets`,
    hidden: `${tag}hidden`,
    unranked: `${tag}unranked`,
    buildRank: `${tag}build:rank`,
    buildEntries: `${tag}build:entries`,
    buildDirty: `${tag}build:dirty`,
    buildLevels: `${tag}build:levels`,
    buildLevelCounts: `${tag}build:level-counts`,
    buildBuckets: `${tag}build:buckets`,
    buildHidden: `${tag}build:hidden`,
    buildUnranked: `${tag}build:unranked`,
    buildUnplaced: `${tag}build:unplaced`,
    lease: `${tag}lease`,
    crew: `${tag}crew`,
    builder: `${tag}builder`,
  };
}

/** What standing.lua takes beside `rank`, `entries`, `dirty` and `meta`. */
export const STANDING = ['levels', 'levelCounts', 'buckets', 'hidden', 'unranked'] as const;

/** The ranking of one bucket: a ZSET as `rank` is. Levels are kept of the whole season only. */
export const bucketRank = (keys: SeasonKeys, bucket: string): string => `${keys.rank}:${bucket}`;

/** The keys of what is read: the whole season, or one bucket of it, which keeps no levels. */
export function readKeys(season: LiveSeason): SeasonKeys {
  const keys = seasonKeys(season);
  if (season.bucket === undefined) return keys;
  const rank = bucketRank(keys, season.bucket);
  return { ...keys, rank, levels: `${rank}:levels` };
}

/** Every season in memory has one such key. */
export const META_PATTERN = 'pf:{*}:meta';

/** undefined for a key that is not ours. */
export const seasonOfMeta = (key: string): string | undefined =>
  /^pf:\{[A-Za-z0-9._~-]+:([A-Za-z0-9._~-]+)\}:meta$/.exec(key)?.[1];
