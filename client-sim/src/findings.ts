/** What the checks found. One lost tick or wrong rank is counted once, however many checks see it. */

/** Problems told in words; past it they are only counted. */
const TOLD_MAX = 50;

export class Findings {
  readonly problems: string[] = [];
  readonly leftOut: string[] = [];
  ranksChecked = 0;
  ranksWrong = 0;
  uncertain = 0;
  #untold = 0;
  readonly #lost = new Map<string, number>();
  readonly #drifted = new Set<string>();

  get lost(): number {
    return [...this.#lost.values()].reduce((sum, ticks) => sum + ticks, 0);
  }

  get drifted(): number {
    return this.#drifted.size;
  }

  get problemCount(): number {
    return this.problems.length + this.#untold;
  }

  problem(text: string): void {
    if (this.problems.length < TOLD_MAX) this.problems.push(text);
    else this.#untold += 1;
  }

  /** @param match tells apart a player's matches: ticks lost in each add up */
  lostTicks(player: string, match: string, ticks: number): void {
    if (ticks === 0) return;
    const key = `${match} ${player}`;
    this.#lost.set(key, Math.max(this.#lost.get(key) ?? 0, ticks));
  }

  rank(right: boolean, problem: () => string): void {
    this.ranksChecked += 1;
    if (right) return;
    this.ranksWrong += 1;
    this.problem(problem());
  }

  drift(player: string, text: string): void {
    this.#drifted.add(player);
    this.problem(text);
  }

  leaveOut(check: string): void {
    if (!this.leftOut.includes(check)) this.leftOut.push(check);
  }
}
