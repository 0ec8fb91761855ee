/** Entry records as the columns of one `unnest`, in the order of `SENT_COLUMNS`. */
import type { EntryRecord } from '../../flush/dirty-queue.ts';
import { booleanArray, literal, nullableTextArray, quoted, textArray, wholeArray } from '../array-literal.ts';
import type { Sql } from '../connection.ts';

/** Boards without columns, metadata and buckets, which are most, send a third less. */
const isPlain = (record: EntryRecord): boolean =>
  !record.columnsKey && !record.bucket && !record.confirmed?.metadata && !record.provisional?.metadata;

/** An entry of ticks alone: what it shows is its provisional mark. */
const isTicksAlone = (record: EntryRecord): boolean =>
  record.confirmed === undefined &&
  record.finals === 0 &&
  record.matchKey === '' &&
  !record.matchEnded &&
  record.provisional !== undefined &&
  record.provisional.score === record.score &&
  record.provisional.achievedAt === record.achievedAt;

/** Open boards send five columns of twelve: the others follow from them. Unnested in the select list: as a function in `from` Postgres would
 *  first store them all (`flush.cpu`, `flush.rows`). */
function ticksAlone(sql: Sql, records: readonly EntryRecord[]) {
  const { players, scores, times, seqs, revs } = ticksAsText(records);
  return sql`(
    select player, score, achieved_at, null::bigint as confirmed, null::bigint as confirmed_at, 0 as finals,
      score as provisional, achieved_at as provisional_at, '' as match_key, false as match_ended, seqs, rev,
      '' as columns_key, '' as confirmed_columns_key, '' as provisional_columns_key,
      null as metadata, null as confirmed_metadata, null as provisional_metadata, null as bucket
    from (
      select unnest(${literal(players)}::text[]) as player, unnest(${literal(scores)}::bigint[]) as score,
        unnest(${literal(times)}::bigint[]) as achieved_at, unnest(${literal(seqs)}::text[]) as seqs,
        unnest(${literal(revs)}::bigint[]) as rev) as arrays) as sent`;
}

/** One walk over the records. A function that does nothing else: behind a loop of thousands V8 compiles whatever follows anew at each call. */
function ticksAsText(records: readonly EntryRecord[]) {
  let [players, scores, times, seqs, revs] = ['', '', '', '', ''];
  for (const record of records) {
    players += `,${quoted(record.player)}`;
    scores += `,${record.score}`;
    times += `,${record.achievedAt}`;
    seqs += `,${quoted(record.seqs)}`;
    revs += `,${record.rev}`;
  }
  return { players, scores, times, seqs, revs };
}

/** A table expression `sent` with a row per record. */
export function sentRows(sql: Sql, records: readonly EntryRecord[]) {
  const isPlainEach = records.every(isPlain);
  if (isPlainEach && records.every(isTicksAlone)) return ticksAlone(sql, records);
  const whole = (pick: (record: EntryRecord) => number | undefined) =>
    wholeArray(records.map((record) => pick(record) ?? null));
  const plain = sql`
    ${textArray(records.map((record) => record.player))}::text[],
    ${whole((record) => record.score)}::bigint[],
    ${whole((record) => record.achievedAt)}::bigint[],
    ${whole((record) => record.confirmed?.score)}::bigint[],
    ${whole((record) => record.confirmed?.achievedAt)}::bigint[],
    ${whole((record) => record.finals)}::integer[],
    ${whole((record) => record.provisional?.score)}::bigint[],
    ${whole((record) => record.provisional?.achievedAt)}::bigint[],
    ${textArray(records.map((record) => record.matchKey))}::text[],
    ${booleanArray(records.map((record) => record.matchEnded))}::boolean[],
    ${textArray(records.map((record) => record.seqs))}::text[],
    ${whole((record) => record.rev)}::bigint[]`;
  const plainNames = sql`player, score, achieved_at, confirmed, confirmed_at, finals, provisional, provisional_at,
    match_key, match_ended, seqs, rev`;
  if (isPlainEach)
    return sql`(
      select ${plainNames}, '' as columns_key, '' as confirmed_columns_key, '' as provisional_columns_key,
        null as metadata, null as confirmed_metadata, null as provisional_metadata, null as bucket
      from unnest(${plain}) as arrays (${plainNames})) as sent`;
  const text = (pick: (record: EntryRecord) => string | undefined) =>
    textArray(records.map((record) => pick(record) ?? ''));
  const nullable = (pick: (record: EntryRecord) => string | undefined) =>
    nullableTextArray(records.map((record) => pick(record) ?? null));
  return sql`unnest(${plain},
    ${text((record) => record.columnsKey)}::text[],
    ${text((record) => record.confirmed?.columnsKey)}::text[],
    ${text((record) => record.provisional?.columnsKey)}::text[],
    ${nullable((record) => record.metadata)}::text[],
    ${nullable((record) => record.confirmed?.metadata)}::text[],
    ${nullable((record) => record.provisional?.metadata)}::text[],
    ${nullable((record) => record.bucket)}::text[]
  ) as sent (${plainNames}, columns_key, confirmed_columns_key, provisional_columns_key,
    metadata, confirmed_metadata, provisional_metadata, bucket)`;
}
