/** One player's account in one season: every tick that was sent and what became of it, and what finals banked. */
import { bank, play, type Reached, type Rules, shown } from './operators.ts';

/** waiting: no answer yet; unknown: it may or may not have been done; refused: certainly not done. */
export type Fate = 'waiting' | 'acked' | 'unknown' | 'refused';

export interface SentTick {
  seq: number;
  score?: number | undefined;
  delta?: number | undefined;
  /** When it was meant to leave, in milliseconds since the Unix epoch. */
  intendedAt: number;
  answeredAt: number;
  fate: Fate;
}

/** What a look at the player's entry means. `lostTicks` are the acked ones newer than what was seen. */
export type Verdict =
  | { kind: 'right' }
  /** A tick's fate is unknown, and what was seen fits neither answer for certain. */
  | { kind: 'uncertain' }
  | { kind: 'wrong'; expected: number | undefined; lostTicks: number };

export class Account {
  readonly player: string;
  readonly #rules: Rules;
  #banked: Reached | undefined;
  /** Ticks of the match being played, in the order of their seq. */
  #ticks: SentTick[] = [];

  constructor(player: string, rules: Rules) {
    this.player = player;
    this.#rules = rules;
  }

  get banked(): Reached | undefined {
    return this.#banked;
  }

  get ticks(): readonly SentTick[] {
    return this.#ticks;
  }

  matchBegins(): void {
    this.#ticks = [];
  }

  sent(tick: SentTick): void {
    this.#ticks.push(tick);
  }

  /** The final replaces what was being played. */
  final(final: Reached): void {
    this.#banked = bank(this.#rules, this.#banked, final);
    this.#ticks = [];
  }

  /** The match's score after its acked ticks; undefined before the first. */
  get playing(): Reached | undefined {
    return this.#steps().at(-1);
  }

  get shown(): Reached | undefined {
    return shown(this.#rules, this.#banked, this.playing);
  }

  /** Judges the visible score that was seen; undefined when no entry was. */
  judge(seen: number | undefined): Verdict {
    return this.#judge(seen, (playing) => shown(this.#rules, this.#banked, playing)?.score);
  }

  /** Judges the score of the match being played by itself, as the snapshot keeps it. */
  judgePlaying(seen: number | undefined): Verdict {
    return this.#judge(seen, (playing) => playing?.score);
  }

  #judge(seen: number | undefined, show: (playing: Reached | undefined) => number | undefined): Verdict {
    const steps = [undefined, ...this.#steps()];
    const expected = show(steps.at(-1));
    if (seen === expected) return { kind: 'right' };
    if (this.#mayBeUnknown(seen, show)) return { kind: 'uncertain' };
    const match = steps.findLastIndex((step) => show(step) === seen);
    const acked = steps.length - 1;
    return { kind: 'wrong', expected, lostTicks: match < 0 ? acked : acked - match };
  }

  /** Whether an unknown tick, had it been done, would account for what was seen. */
  #mayBeUnknown(
    seen: number | undefined,
    show: (playing: Reached | undefined) => number | undefined,
  ): boolean {
    const lastAcked = this.#ticks.findLastIndex((tick) => tick.fate === 'acked');
    return this.#ticks.some((tick, i) => {
      if (tick.fate !== 'unknown' && tick.fate !== 'waiting') return false;
      // An unknown delta counts wherever it stands; an unknown score only when no acked one came after it.
      if (tick.delta !== undefined) return true;
      return i > lastAcked && show(play(this.playing, tick, bounds(tick))) === seen;
    });
  }

  #steps(): Reached[] {
    const steps: Reached[] = [];
    for (const tick of this.#ticks)
      if (tick.fate === 'acked') steps.push(play(steps.at(-1), tick, bounds(tick)));
    return steps;
  }
}

const bounds = (tick: SentTick) => ({ notBefore: tick.intendedAt, notAfter: tick.answeredAt });
