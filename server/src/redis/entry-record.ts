/** The packed record of one entry in the HASH `entries`. scripts/entry.lua packs it with `struct` (little-endian, no padding):
 *
 *    u8   64 (this layout) + 1 columns + 2 metadata of the confirmed mark + 4 of the provisional one
 *         + 8 the provisional one's is shown + 16 the confirmed one's is + 32 bucket
 *    u8   1 confirmed + 2 provisional + 4 match ended + 8 confirmed is what is shown + 16 provisional is + 32 hidden + 64 match key
 *    u48  rev
 *    with confirmed: u32 finals, f64 score, 8 stamp; with provisional: f64 score, 8 stamp; when neither is what is shown (a sum): f64, 8
 *    with match key: u8 length, text
 *    with columns: u8 length, text of each mark above, in the same order
 *    metadata: u16 length, text, confirmed before provisional; bucket: u8 length, text
 *    the rest: the seqs `;writer=seq;writer=seq;`
 *
 *  What an entry does not have takes no byte: memory per entry bounds the size of a season. Doubles hold scores exactly: scores
 *  are safe integers. A change of the layout takes another number than 64 to 127, and a season packed in the old one must be
 *  flushed and rebuilt. */
import { valueOfDigitBytes } from '@photofinish/shared/domain/digits';
import type { Mark } from '@photofinish/shared/domain/entry';
import { STAMP_WIDTH } from '@photofinish/shared/domain/order';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import { ByteWriter } from './byte-writer.ts';

const LAYOUT = 64;
const LAYOUT_END = 127;
const COLUMNS = 1;
const CONFIRMED_METADATA = 2;
const PROVISIONAL_METADATA = 4;
const SHOWS_PROVISIONAL_METADATA = 8;
const SHOWS_CONFIRMED_METADATA = 16;
const BUCKET = 32;

const CONFIRMED = 1;
const PROVISIONAL = 2;
const ENDED = 4;
const SHOWS_CONFIRMED = 8;
const SHOWS_PROVISIONAL = 16;
const HIDDEN = 32;
const MATCH_KEY = 64;

export function packEntry(entry: EntryRecord): Buffer {
  const to = new ByteWriter(64);
  writeEntry(to, entry);
  return to.written();
}

/** @param hidden in place of what the entry says */
export function writeEntry(to: ByteWriter, entry: EntryRecord, hidden = entry.hidden): void {
  const { confirmed, provisional, matchKey, columnsKey } = entry;
  const shows = isShown(entry, provisional)
    ? SHOWS_PROVISIONAL
    : isShown(entry, confirmed)
      ? SHOWS_CONFIRMED
      : 0;
  to.u8(LAYOUT | extrasOf(entry));
  to.u8(
    (confirmed ? CONFIRMED : 0) |
      (provisional ? PROVISIONAL : 0) |
      (entry.matchEnded ? ENDED : 0) |
      shows |
      (hidden ? HIDDEN : 0) |
      (matchKey ? MATCH_KEY : 0),
  );
  to.u48(entry.rev);
  if (confirmed) {
    to.u32(entry.finals);
    writeMark(to, confirmed);
  }
  if (provisional) writeMark(to, provisional);
  if (shows === 0) writeMark(to, entry);
  if (matchKey) to.short(matchKey);
  if (columnsKey) {
    if (confirmed) to.short(confirmed.columnsKey ?? '');
    if (provisional) to.short(provisional.columnsKey ?? '');
    if (shows === 0) to.short(columnsKey);
  }
  if (confirmed?.metadata) to.long(confirmed.metadata);
  if (provisional?.metadata) to.long(provisional.metadata);
  if (entry.bucket) to.short(entry.bucket);
  to.text(entry.seqs);
}

function writeMark(to: ByteWriter, { score, achievedAt }: { score: number; achievedAt: number }): void {
  to.f64(score);
  to.stamp(achievedAt);
}

const isShown = (entry: EntryRecord, mark: Mark | undefined): boolean =>
  mark !== undefined &&
  entry.score === mark.score &&
  entry.achievedAt === mark.achievedAt &&
  entry.columnsKey === mark.columnsKey;

function extrasOf({ columnsKey, metadata, confirmed, provisional, bucket }: EntryRecord): number {
  const shown = metadata === provisional?.metadata ? SHOWS_PROVISIONAL_METADATA : SHOWS_CONFIRMED_METADATA;
  return (
    (columnsKey ? COLUMNS : 0) |
    (confirmed?.metadata ? CONFIRMED_METADATA : 0) |
    (provisional?.metadata ? PROVISIONAL_METADATA : 0) |
    (metadata ? shown : 0) |
    (bucket ? BUCKET : 0)
  );
}

/** @param packed the record is its bytes from `start` to `end`. @throws RangeError for a record of another layout */
export function unpackEntry(player: string, packed: Buffer, start = 0, end = packed.length): EntryRecord {
  const layout = packed[start] ?? 0;
  const flags = packed[start + 1] ?? 0;
  if (layout < LAYOUT || layout > LAYOUT_END)
    throw new RangeError(`the record of ${player} is of another layout: flush and rebuild its season`);
  const rest = new Reading(packed, start + 8, end);
  const finals = flags & CONFIRMED ? rest.finals() : 0;
  const confirmed = flags & CONFIRMED ? rest.mark() : undefined;
  const provisional = flags & PROVISIONAL ? rest.mark() : undefined;
  const shown =
    (flags & SHOWS_PROVISIONAL ? provisional : flags & SHOWS_CONFIRMED ? confirmed : undefined) ??
    rest.mark();
  const matchKey = flags & MATCH_KEY ? rest.short() : '';
  if (layout & COLUMNS)
    for (const mark of new Set([confirmed, provisional, shown])) if (mark) mark.columnsKey = rest.short();
  if (confirmed && layout & CONFIRMED_METADATA) confirmed.metadata = rest.long();
  if (provisional && layout & PROVISIONAL_METADATA) provisional.metadata = rest.long();
  return {
    player,
    rev: packed.readUIntLE(start + 2, 6),
    score: shown.score,
    achievedAt: shown.achievedAt,
    columnsKey: shown.columnsKey,
    metadata:
      layout & SHOWS_PROVISIONAL_METADATA
        ? provisional?.metadata
        : layout & SHOWS_CONFIRMED_METADATA
          ? confirmed?.metadata
          : undefined,
    confirmed,
    finals,
    matchKey,
    matchEnded: (flags & ENDED) !== 0,
    provisional,
    bucket: layout & BUCKET ? rest.short() : undefined,
    hidden: flags & HIDDEN ? true : undefined,
    seqs: rest.end(),
  };
}

class Reading {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#at = at;
  }

  finals(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  mark(): Mark {
    const scoreAt = this.#at;
    this.#at += 8 + STAMP_WIDTH;
    return {
      score: this.#bytes.readDoubleLE(scoreAt),
      achievedAt: valueOfDigitBytes(this.#bytes, scoreAt + 8, STAMP_WIDTH),
    };
  }

  short(): string {
    const textAt = this.#at + 1;
    this.#at = textAt + this.#bytes.readUInt8(this.#at);
    return this.#bytes.toString('latin1', textAt, this.#at);
  }

  long(): string {
    const textAt = this.#at + 2;
    this.#at = textAt + this.#bytes.readUInt16LE(this.#at);
    return this.#bytes.toString('utf8', textAt, this.#at);
  }

  end(): string {
    return this.#bytes.toString('latin1', this.#at, this.#end);
  }
}
