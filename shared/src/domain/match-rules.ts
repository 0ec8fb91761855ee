/** What a board says about its matches. A match keeps the limits that its board had when it started. */
import { z } from 'zod';

/** A larger roster or match would not fit one `match.end`. */
export const MATCH_PLAYERS_MAX = 1_000;
/** Shorter, and a pause of the game server would end its matches. */
const TIMEOUT_MS_MIN = 1_000;
const TIMEOUT_MS_MAX = 7 * 86_400_000;

export const matchRulesSchema = z.strictObject({
  playersMax: z
    .number()
    .int()
    .min(1)
    .max(MATCH_PLAYERS_MAX)
    .optional()
    .describe('Players that one match takes; without it any number'),
  attemptsMax: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Finals that one player may have in a season; without it any number'),
  timeoutMs: z
    .number()
    .int()
    .min(TIMEOUT_MS_MIN)
    .max(TIMEOUT_MS_MAX)
    .optional()
    .describe('A match without a tick or final for so long is abandoned; without it never'),
});

export type MatchRules = z.output<typeof matchRulesSchema>;
