/** Port: who plays a match that has limits or a roster. Implemented by postgres/. */
import type { ErrorCode } from '@photofinish/shared/protocol/errors';

export interface MatchEntry {
  match: string;
  player: string;
}

/** joined: the player plays the match, from now or from before, in a committed row. */
export type MatchVerdict = { kind: 'joined' } | { kind: 'refused'; code: ErrorCode; message: string };

export interface MatchPlayersStore {
  /** One transaction for all, under the rows of their matches. @returns one verdict each, in their order; none of them is ever taken back */
  join(entries: readonly MatchEntry[], at: number): Promise<MatchVerdict[]>;
}
