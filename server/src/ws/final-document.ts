/** The check of a final by hand, as tick-document.ts has it for ticks (`finals.rate`): yes only where the schema says yes, which finds the words
 *  for everything else. A property test holds the two together. */
import { isId } from '@photofinish/shared/domain/ids';
import { isScore } from '@photofinish/shared/domain/score';
import type { Request } from '@photofinish/shared/protocol/requests';
import { isColumns, isObject, isRequestId } from './tick-document.ts';

/** The same object, now known to be a final; undefined when the schema must look at it. */
export function readFinal(value: unknown): Request<'final'> | undefined {
  if (!isObject(value) || value['type'] !== 'final') return undefined;
  const { id, match, player, score, columns, metadata, bucketKey } = value;
  if (!isRequestId(id) || !isId(match) || !isId(player) || !isScore(score)) return undefined;
  let known = 5;
  if (columns !== undefined) {
    if (!isColumns(columns)) return undefined;
    known++;
  }
  if (metadata !== undefined) {
    if (!isObject(metadata)) return undefined;
    known++;
  }
  if (bucketKey !== undefined) {
    if (!isId(bucketKey)) return undefined;
    known++;
  }
  for (const _ in value) known--;
  return known === 0 ? (value as Request<'final'>) : undefined;
}
