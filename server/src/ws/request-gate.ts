/** Order of effects on one connection: which requests must wait for those before them to be done. */
import type { RequestType } from '@photofinish/shared/protocol/requests';

/** Requests under way that change something. */
export interface UnderWay {
  ticks: number;
  /** `match.start`, `final`, `match.end`, `match.abandon`. */
  changes: number;
  /** `match.abandon` alone. */
  abandons: number;
}

export const isChange = (type: RequestType): boolean =>
  type === 'match.start' || type === 'final' || type === 'match.end' || type === 'match.abandon';

/** A read sees every write sent before it, and so does a barrier; a final comes after the ticks before it. Ticks wait for nothing: they are applied in the
 *  order sent, and a final that is under way beside them is of a match that has ended. Finals do not wait for each other, or they
 *  could not commit together. A match is given up after the finals before it, and a final waits until it is. */
export function mayStart(type: RequestType, before: UnderWay): boolean {
  switch (type) {
    case 'top':
    case 'range':
    case 'around':
    case 'rank':
    case 'subscribe':
    case 'barrier':
      return before.ticks === 0 && before.changes === 0;
    case 'final':
    case 'match.end':
      return before.ticks === 0 && before.abandons === 0;
    case 'match.abandon':
      return before.ticks === 0 && before.changes === 0;
    default:
      return true;
  }
}
