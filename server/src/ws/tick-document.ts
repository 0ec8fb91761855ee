/** The check of the one document that comes tens of thousands of times a second, by hand.
 *
 *  It says yes only where `tickSchema` says yes. It need not know why a document is wrong: whatever it does not take goes through the
 *  schema, which finds the words. A property test holds the two together. */
import { COLUMNS_MAX } from '@photofinish/shared/domain/columns';
import { isId } from '@photofinish/shared/domain/ids';
import { isScore, SCORE_MAX } from '@photofinish/shared/domain/score';
import type { Request } from '@photofinish/shared/protocol/requests';

/** The same object, now known to be a tick; undefined when the schema must look at it. */
export function readTick(value: unknown): Request<'tick'> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const document = value as Record<string, unknown>;
  if (document['type'] !== 'tick' || !hasOnlyKnownKeys(document)) return undefined;
  const { id, match, board, player, score, delta, seq, columns, metadata, bucketKey } = document;
  if (!isRequestId(id)) return undefined;
  if (match === undefined ? !isId(board) : board !== undefined || !isId(match)) return undefined;
  if (player !== undefined && !isId(player)) return undefined;
  if (seq !== undefined && !isSeq(seq)) return undefined;
  if (columns !== undefined && !isColumns(columns)) return undefined;
  if (metadata !== undefined && !isObject(metadata)) return undefined;
  if (bucketKey !== undefined && !isId(bucketKey)) return undefined;
  if (score === undefined) {
    if (!isScore(delta) || seq === undefined) return undefined;
  } else if (delta !== undefined || !isScore(score)) return undefined;
  return value as Request<'tick'>;
}

export const isRequestId = (id: unknown): id is number | string =>
  typeof id === 'number' ? Number.isSafeInteger(id) && id >= 0 : isId(id);

const isSeq = (seq: unknown): boolean => isScore(seq) && seq >= 1 && seq <= SCORE_MAX;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function isColumns(value: unknown): boolean {
  if (!isObject(value)) return false;
  let count = 0;
  for (const name in value) if (++count > COLUMNS_MAX || !isId(name) || !isScore(value[name])) return false;
  return true;
}

function hasOnlyKnownKeys(document: Record<string, unknown>): boolean {
  for (const key in document)
    switch (key) {
      case 'type':
      case 'id':
      case 'match':
      case 'board':
      case 'player':
      case 'score':
      case 'delta':
      case 'seq':
      case 'columns':
      case 'metadata':
      case 'bucketKey':
        break;
      default:
        return false;
    }
  return true;
}
