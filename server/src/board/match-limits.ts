/** Who may play a match: its limits and its roster, for ticks and finals alike. Pure. */
import type { MatchRules } from '@photofinish/shared/domain/match-rules';
import type { ErrorCode } from '@photofinish/shared/protocol/errors';

export interface LimitedMatch {
  id: string;
  limits: MatchRules;
  rostered: boolean;
}

/** Whether it is kept who plays the match. Of all others nothing is asked and nothing is written. */
export const keepsPlayers = ({ limits, rostered }: Pick<LimitedMatch, 'limits' | 'rostered'>): boolean =>
  rostered || Object.keys(limits).length > 0;

export interface LimitRefusal {
  code: ErrorCode;
  message: string;
}

/** Why the player may not play on; undefined when they may.
 *  @param has whether the player joined before, how many did, and the finals that the player has in the season */
export function whyNotPlay(
  match: LimitedMatch,
  player: string,
  has: { joined: boolean; players: number; finals: number },
): LimitRefusal | undefined {
  const { playersMax, attemptsMax } = match.limits;
  if (match.rostered && !has.joined)
    return {
      code: 'NOT_IN_ROSTER',
      message: `player: ${player} is not on the roster of match ${match.id}; send scores of those whom match.start named`,
    };
  if (playersMax !== undefined && !has.joined && has.players >= playersMax)
    return {
      code: 'MATCH_FULL',
      message: `player: match ${match.id} has its ${playersMax} players, and ${player} is none of them; start another match`,
    };
  if (attemptsMax !== undefined && has.finals >= attemptsMax)
    return {
      code: 'ATTEMPTS_EXHAUSTED',
      message: `player: ${player} has ${has.finals} finals in this season, of at most ${attemptsMax}; wait for the next season`,
    };
  return undefined;
}

/** For ticks and finals alike. */
export const abandonedMessage = (match: string): string =>
  `match: ${match} was abandoned: nobody played it for the timeout of its board, or it was given up; start another`;

/** What all refusals of this kind say about their field. */
export const LIMIT_RULES = {
  NOT_IN_ROSTER: { limit: 'players on the roster', fix: 'name the player in the roster of match.start' },
  MATCH_FULL: { limit: 'matches.playersMax of the board', fix: 'start another match' },
  ATTEMPTS_EXHAUSTED: { limit: 'matches.attemptsMax of the board', fix: 'wait for the next season' },
} as const;
