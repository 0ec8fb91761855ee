/** The packed record of one entry, as scripts/entry.lua packs it with `struct` (little-endian, no padding):
 *
 *    u8   16 + 1 confirmed present + 2 provisional present + 4 match ended   (16: this layout)
 *    u32  finals
 *    f64  rev, score, confirmed score, provisional score
 *    8    stamps of achievedAt, confirmed, provisional
 *    u8   length, then the match key
 *    u16  length, then the seqs `;writer=seq;writer=seq;`
 *
 *  Doubles hold scores exactly: scores are safe integers. A change of the layout takes another number than 16, and a
 *  season packed in the old one must be flushed and rebuilt. */
import type { Mark } from '@photofinish/shared/domain/entry';
import { msOfStamp, STAMP_WIDTH } from '@photofinish/shared/domain/order';
import type { EntryRecord } from '../flush/dirty-queue.ts';
import { stampAt } from './rank-member.ts';

const LAYOUT = 16;
const CONFIRMED = 1;
const PROVISIONAL = 2;
const ENDED = 4;

const FINALS_AT = 1;
const REV_AT = 5;
const SCORE_AT = 13;
const CONFIRMED_AT = 21;
const PROVISIONAL_AT = 29;
const STAMPS_AT = 37;
const MATCH_AT = STAMPS_AT + 3 * STAMP_WIDTH;

/** Stands in the record for a mark that is absent. */
const NO_STAMP = '-'.repeat(STAMP_WIDTH);

export function packEntry(entry: EntryRecord): Buffer {
  const { confirmed, provisional, matchKey, seqs } = entry;
  const seqsAt = MATCH_AT + 1 + matchKey.length;
  const packed = Buffer.allocUnsafe(seqsAt + 2 + seqs.length);
  packed[0] =
    LAYOUT + (confirmed ? CONFIRMED : 0) + (provisional ? PROVISIONAL : 0) + (entry.matchEnded ? ENDED : 0);
  packed.writeUInt32LE(entry.finals, FINALS_AT);
  packed.writeDoubleLE(entry.rev, REV_AT);
  packed.writeDoubleLE(entry.score, SCORE_AT);
  packed.writeDoubleLE(confirmed?.score ?? 0, CONFIRMED_AT);
  packed.writeDoubleLE(provisional?.score ?? 0, PROVISIONAL_AT);
  packed.write(
    stampAt(entry.achievedAt) + stampOrNone(confirmed) + stampOrNone(provisional),
    STAMPS_AT,
    'latin1',
  );
  packed.writeUInt8(matchKey.length, MATCH_AT);
  packed.write(matchKey, MATCH_AT + 1, 'latin1');
  packed.writeUInt16LE(seqs.length, seqsAt);
  packed.write(seqs, seqsAt + 2, 'latin1');
  return packed;
}

const stampOrNone = (mark: Mark | undefined): string => (mark ? stampAt(mark.achievedAt) : NO_STAMP);

/** @throws RangeError for a record of another layout */
export function unpackEntry(player: string, packed: Buffer): EntryRecord {
  const flags = packed.readUInt8(0) - LAYOUT;
  if (flags < 0 || flags > (CONFIRMED | PROVISIONAL | ENDED))
    throw new RangeError(`the record of ${player} is of another layout: flush and rebuild its season`);
  const seqsAt = MATCH_AT + 1 + packed.readUInt8(MATCH_AT);
  const mark = (present: number, scoreAt: number, stampAfter: number): Mark | undefined =>
    flags & present
      ? { score: packed.readDoubleLE(scoreAt), achievedAt: stampIn(packed, stampAfter) }
      : undefined;
  return {
    player,
    rev: packed.readDoubleLE(REV_AT),
    score: packed.readDoubleLE(SCORE_AT),
    achievedAt: stampIn(packed, STAMPS_AT),
    confirmed: mark(CONFIRMED, CONFIRMED_AT, STAMPS_AT + STAMP_WIDTH),
    finals: packed.readUInt32LE(FINALS_AT),
    matchKey: packed.toString('latin1', MATCH_AT + 1, seqsAt),
    matchEnded: (flags & ENDED) !== 0,
    provisional: mark(PROVISIONAL, PROVISIONAL_AT, STAMPS_AT + 2 * STAMP_WIDTH),
    seqs: packed.toString('latin1', seqsAt + 2, seqsAt + 2 + packed.readUInt16LE(seqsAt)),
  };
}

const stampIn = (packed: Buffer, at: number): number =>
  msOfStamp(packed.toString('latin1', at, at + STAMP_WIDTH));
