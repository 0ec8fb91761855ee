/** Which finals the limits and the roster of their match let through, and who joins a match by a final. Pure. */
import { keepsPlayers, type LimitedMatch, type LimitRefusal, whyNotPlay } from '../board/match-limits.ts';

/** What the database holds of matches with limits or a roster: of the named players who plays, and how many play in all. */
export interface HeldPlayers {
  joined: readonly { match: string; player: string }[];
  counted: readonly { match: string; players: number }[];
}

export interface Joined {
  season: string;
  match: string;
  player: string;
  at: number;
}

type Match = LimitedMatch & { season: string };

export class FinalLimits {
  /** Who joined by a final that was taken. */
  readonly joining: Joined[] = [];
  readonly #joined: Set<string>;
  readonly #counts: Map<string, number>;

  constructor(held: HeldPlayers) {
    this.#joined = new Set(held.joined.map((one) => keyOf(one.match, one.player)));
    this.#counts = new Map(held.counted.map((one) => [one.match, one.players]));
  }

  /** The first of these new finals that may not be, taken one after the other; nothing is noted by it.
   *  @param finalsOf how many the player has in the season */
  refusal(
    match: Match,
    players: readonly string[],
    finalsOf: (player: string) => number,
  ): (LimitRefusal & { player: string }) | undefined {
    if (!keepsPlayers(match)) return undefined;
    let count = this.#counts.get(match.id) ?? 0;
    for (const player of players) {
      const joined = this.#joined.has(keyOf(match.id, player));
      const refusal = whyNotPlay(match, player, { joined, players: count, finals: finalsOf(player) });
      if (refusal) return { ...refusal, player };
      if (!joined) count += 1;
    }
    return undefined;
  }

  /** These finals were taken. */
  join(match: Match, finals: readonly { player: string }[], at: number): void {
    if (!keepsPlayers(match)) return;
    for (const { player } of finals) {
      const key = keyOf(match.id, player);
      if (this.#joined.has(key)) continue;
      this.#joined.add(key);
      this.#counts.set(match.id, (this.#counts.get(match.id) ?? 0) + 1);
      this.joining.push({ season: match.season, match: match.id, player, at });
    }
  }
}

/** Ids hold no space. */
const keyOf = (match: string, player: string): string => `${match} ${player}`;
