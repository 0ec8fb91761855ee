/** Why Redis did not apply a tick, as the sender is told. Constants: a refusal costs no stack trace on the hot path. */
import { type ErrorCode, Fault } from '@photofinish/shared/protocol/errors';
import type { TickRefusal } from '../board/live-board.ts';

const refusal = (code: ErrorCode, field: string, what: string, limit: string, fix: string) =>
  new Fault(code, `${field}: ${what}; ${fix}`, { field, limit, fix });

/** About a flush interval: room comes with the next flush, or not before the database is back. */
const FULL_RETRY_MS = 1_000;

const REFUSALS: Readonly<Record<TickRefusal, Fault>> = {
  OVERLOADED: new Fault(
    'OVERLOADED',
    'player: the season has as many changed entries waiting for the database as it may; wait, then send the newest score',
    {
      field: 'player',
      limit: "the board's flush.dirtyLimit",
      fix: 'wait, then send the newest score',
      retryAfterMs: FULL_RETRY_MS,
    },
  ),
  MATCH_ENDED: refusal(
    'MATCH_ENDED',
    'match',
    "the player's final of this match is stored, so it takes no more ticks",
    'matches that have not ended',
    'start another match',
  ),
  MATCH_SUPERSEDED: refusal(
    'MATCH_SUPERSEDED',
    'match',
    'the player has ticks of a newer match, so this one takes no more of theirs',
    "the player's newest match",
    'send ticks of the newest match; finals of this one are still taken',
  ),
  SCORE_OVERFLOW: refusal(
    'SCORE_OVERFLOW',
    'score',
    'the sum would pass 2^53 - 1, and nothing was changed',
    '|sum| <= 2^53 - 1',
    'send a smaller score',
  ),
  COLUMN_OVERFLOW: refusal(
    'SCORE_OVERFLOW',
    'columns',
    'the sum of a column would pass 2^53 - 1, and nothing was changed',
    '|sum| <= 2^53 - 1 in every column',
    'send smaller columns',
  ),
  TOO_MANY_WRITERS: refusal(
    'TOO_MANY_WRITERS',
    'seq',
    'too many writers have sent ticks with a seq for this player in this season',
    'a bounded number of token subjects per player and season',
    "send the player's ticks through fewer token subjects",
  ),
};

export const tickRefusal = (code: TickRefusal): Fault => REFUSALS[code];
