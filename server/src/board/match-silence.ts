/** When a silent match is given up. Pure.
 *
 *  Servers tell Postgres of ticks once per `reportEveryMs`, not per tick: so the time at which a match is given up leaves room for two such
 *  reports and the sweeps between, and a match is never abandoned before its timeout of silence. */
import type { MatchRules } from '@photofinish/shared/domain/match-rules';

/** Between sweeps of a server: how late a report or an abandoning may be on top. */
export const SWEEP_MS = 1_000;

/** Shorter costs more writes per match; longer gives silent matches up later. */
export const reportEveryMs = (timeoutMs: number): number => Math.max(SWEEP_MS, Math.ceil(timeoutMs / 8));

/** @param at when the match was last played, as far as is known. @returns null where matches have no timeout */
export const dueAfter = ({ timeoutMs }: MatchRules, at: number): number | null =>
  timeoutMs === undefined ? null : at + timeoutMs + 2 * reportEveryMs(timeoutMs) + SWEEP_MS;
