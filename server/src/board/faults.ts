import { type ErrorCode, Fault } from '@photofinish/shared/protocol/errors';
import { LIMIT_RULES } from './match-limits.ts';

export const boardNotFound = (id: string): Fault =>
  new Fault('BOARD_NOT_FOUND', `board: there is no board ${id}; GET /v1/boards lists them`, {
    field: 'board',
    fix: 'GET /v1/boards lists them',
  });

export const seasonNotFound = (id: string): Fault =>
  new Fault(
    'SEASON_NOT_FOUND',
    `season: there is no season ${id}; GET /v1/boards/{board}/seasons lists them`,
    {
      field: 'season',
      fix: 'GET /v1/boards/{board}/seasons lists them',
    },
  );

export const seasonNotOpen = (board: string): Fault =>
  new Fault('SEASON_NOT_OPEN', `board: ${board} has no open season; an admin opens the next one`, {
    field: 'board',
    fix: 'open a season with POST /v1/admin/boards/{board}/seasons',
  });

export const matchNotFound = (id: string): Fault =>
  new Fault('MATCH_NOT_FOUND', `match: there is no match ${id}; use the id that match.start answered`, {
    field: 'match',
    fix: 'use the id that match.start answered',
  });

const FINAL_RULES: Partial<Record<ErrorCode, { limit: string; fix: string }>> = {
  ...LIMIT_RULES,
  MATCH_NOT_FOUND: { limit: 'a match that was started', fix: 'use the id that match.start answered' },
  MATCH_ABANDONED: {
    limit: "the board's matches.timeoutMs between ticks and finals",
    fix: 'start another match',
  },
  MATCH_ENDED: { limit: 'finals until match.end', fix: 'carry all finals that are left in match.end' },
  SEASON_CLOSED: {
    limit: "finals until the season's grace time is over",
    fix: "send finals within the board's finals.graceSeconds",
  },
  FINAL_CONFLICT: {
    limit: 'one final per match and player',
    fix: 'send the score that is stored; the first final stands',
  },
  INVALID_REQUEST: { limit: 'each player once', fix: 'name each player once' },
  SCORE_OVERFLOW: {
    limit: 'sums within 2^53 - 1',
    fix: 'send a smaller score, or use a board with another operator',
  },
};

const ABOUT_THE_PLAYER = new Set<string>([
  'FINAL_CONFLICT',
  'INVALID_REQUEST',
  'SCORE_OVERFLOW',
  ...Object.keys(LIMIT_RULES),
]);

/** A final that Postgres judged and refused: nothing of its request was stored. */
export const finalRefused = (refusal: {
  code: ErrorCode;
  message: string;
  player: string | undefined;
}): Fault =>
  new Fault(refusal.code, refusal.message, {
    field: refusal.player !== undefined && ABOUT_THE_PLAYER.has(refusal.code) ? 'player' : 'match',
    ...FINAL_RULES[refusal.code],
  });
