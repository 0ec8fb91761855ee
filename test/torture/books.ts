/** What writers were told, kept apart from everything that the server keeps. */

/** One player of an open board. `sent` and `acked` differ at the end only by one request that was never answered. */
export interface Account {
  player: string;
  /** Newest seq and what the board must show for it: the last score, or the sum of deltas. */
  sent: { seq: number; value: number };
  acked: { seq: number; value: number };
}

export interface FinalRecord {
  match: string;
  player: string;
  score: number;
  acked: boolean;
}

export class Books {
  readonly ticks: Account[] = [];
  readonly deltas: Account[] = [];
  readonly finals: FinalRecord[] = [];
  /** Answers that must not come: a final that conflicts with itself, a tick of a valid writer refused for good. */
  readonly wrong: string[] = [];

  acked(): { ticks: number; deltas: number; finals: number } {
    const seqs = (accounts: readonly Account[]) => accounts.reduce((sum, { acked }) => sum + acked.seq, 0);
    return {
      ticks: seqs(this.ticks),
      deltas: seqs(this.deltas),
      finals: this.finals.filter(({ acked }) => acked).length,
    };
  }
}
