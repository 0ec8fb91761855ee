/** Cursors of paged reads: the order key of the entry that a page ended at, not an offset, so that they hold while scores move.
 *
 *  What is below a key does not depend on who stands at it: the entry may have moved, or be gone. An entry that did not move stands on
 *  the same side of every key for ever, and so is on exactly one page. Opaque to clients; no secret. */
import { isId } from '@photofinish/shared/domain/ids';
import { type OrderKey, STAMP_MAX } from '@photofinish/shared/domain/order';
import { isScore } from '@photofinish/shared/domain/score';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { PageFrom } from './placed-entry.ts';

const LAYOUT = 1;

export interface Cursor extends PageFrom {
  season: string;
  /** Of one bucket's ranking; undefined for the whole season's. */
  bucket?: string | undefined;
}

export function cursorText({ season, bucket, side, key }: Cursor): string {
  const { score, columnsKey = '', achievedAt, player } = key;
  const fields = [
    LAYOUT,
    season,
    bucket ?? '',
    side === 'after' ? 1 : 0,
    score,
    columnsKey,
    achievedAt,
    player,
  ];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** @throws Fault CURSOR_INVALID */
export function cursorOf(text: string): Cursor {
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw notACursor();
  }
  if (!Array.isArray(fields) || fields.length !== 8 || fields[0] !== LAYOUT) throw notACursor();
  const [, season, bucket, below, score, columnsKey, achievedAt, player] = fields as unknown[];
  const isKey = isScore(score) && isColumnsKey(columnsKey) && isTime(achievedAt) && isId(player);
  if (!isId(season) || !isBucket(bucket) || !isKey || (below !== 0 && below !== 1)) throw notACursor();
  const key: OrderKey = { score, achievedAt, player, ...(columnsKey === '' ? {} : { columnsKey }) };
  return { season, ...(bucket === '' ? {} : { bucket }), side: below === 1 ? 'after' : 'before', key };
}

/** '' for none. */
const isBucket = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9._~-]{0,80}$/.test(value);

/** Whatever its width: one of another board's columns stands somewhere in the order too. */
const isColumnsKey = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{0,27}$/.test(value);

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= STAMP_MAX;

const notACursor = (): Fault =>
  new Fault('CURSOR_INVALID', 'cursor: this is no cursor that an answer gave', {
    field: 'cursor',
    fix: 'send `next` or `previous` as it was answered, or none to begin at the top',
  });

export const cursorOfOther = (what: string, of: string): Fault =>
  new Fault('CURSOR_INVALID', `cursor: it is of another ${what}, ${of}`, {
    field: 'cursor',
    limit: `a cursor of the same ${what}`,
    fix: `leave the cursor out to begin at the top, or read that ${what}`,
  });
