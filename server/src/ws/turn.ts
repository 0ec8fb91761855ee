/** Runs members once at the end of the event-loop turn in which they asked for it.
 *
 *  One setImmediate serves all connections, so that everything a turn produced for a connection leaves in one write
 *  and no connection needs a timer of its own. */
export interface TurnMember {
  /** Must not throw. */
  endTurn(): void;
}

export class Turn {
  #members: TurnMember[] = [];
  #scheduled = false;
  readonly #run = (): void => {
    const members = this.#members;
    this.#members = [];
    this.#scheduled = false;
    for (const member of members) member.endTurn();
  };

  /** A member that adds itself twice runs twice: it keeps a flag if it minds. */
  add(member: TurnMember): void {
    this.#members.push(member);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }
}
