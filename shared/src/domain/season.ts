/** A season's life runs one way: upcoming -> open -> closing -> closed -> settled.
 *  open takes ticks and finals; closing takes finals of matches pinned to it; closed and settled take nothing. */
export const SEASON_STATES = ['upcoming', 'open', 'closing', 'closed', 'settled'] as const;
export type SeasonState = (typeof SEASON_STATES)[number];

export const mayMove = (from: SeasonState, to: SeasonState): boolean =>
  SEASON_STATES.indexOf(to) > SEASON_STATES.indexOf(from);
export const takesTicks = (state: SeasonState): boolean => state === 'open';
export const takesFinals = (state: SeasonState): boolean => state === 'open' || state === 'closing';

/** What receivers of events are told. ended: no more ticks, and finals for the grace time only. closed: nothing changes any more. */
export const SEASON_EVENT_TYPES = ['season.started', 'season.ended', 'season.closed'] as const;
export type SeasonEventType = (typeof SEASON_EVENT_TYPES)[number];
