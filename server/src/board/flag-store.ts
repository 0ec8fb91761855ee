/** Port: what looks like cheating and waits for an admin's word. Implemented by postgres/. */

/** final-tolerance: a final further from the last tick of its match than the board's `finals.tolerance`. */
export const FLAG_KINDS = ['final-tolerance'] as const;
export type FlagKind = (typeof FLAG_KINDS)[number];

export const FLAG_STATUSES = ['open', 'cleared', 'confirmed'] as const;
export type FlagStatus = (typeof FLAG_STATUSES)[number];

/** A flag is known by these: raised again it stays as it is, decided or not. */
export interface FlagKey {
  kind: FlagKind;
  season: string;
  match: string;
  player: string;
}

export interface NewFlag extends FlagKey {
  board: string;
  /** What was seen, as shown to the admin. */
  detail: Record<string, number | string>;
  at: number;
}

export interface Flag extends NewFlag {
  id: number;
  status: FlagStatus;
  decidedAt: number | null;
  /** Token subject. */
  decidedBy: string | null;
}

export interface FlagQuery {
  board?: string | undefined;
  season?: string | undefined;
  player?: string | undefined;
  status?: FlagStatus | undefined;
  /** Flags after this id. */
  after: number;
  limit: number;
}

export interface FlagDecision {
  flag: number;
  status: 'cleared' | 'confirmed';
  at: number;
  by: string;
}

export interface FlagStore {
  /** @returns how many were not there before */
  raise(flags: readonly NewFlag[]): Promise<number>;
  /** Oldest first. */
  list(of: FlagQuery): Promise<Flag[]>;
  /** In one transaction with its audit record; `confirmed` hides the player on the board in it too. The same decision again changes nothing.
   *  @throws Fault NOT_FOUND */
  decide(decision: FlagDecision): Promise<Flag>;
  /** What the flusher had left of the match when the final was stored; those without it are left out. */
  notedTicks(
    season: string,
    finals: readonly { match: string; player: string }[],
  ): Promise<{ match: string; player: string; score: number }[]>;
}
