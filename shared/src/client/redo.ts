/** The client's redo: it follows how far its ticks are committed, and sends those again that a season lost, with the seq that they had. The
 *  server does the same with what it acked; this is for the case where the server is gone too.
 *
 *  While it does, and after a reconnect until it knows whether it must, other requests wait (`hold`): a newer delta would pass off an older
 *  one as seen. Sending again is harmless at any time: `seq` makes a repeat nothing. */
import { Fault } from '../protocol/errors.ts';
import type { Push } from '../protocol/pushes.ts';
import type { Reply } from '../protocol/replies.ts';
import type { RequestBody, RequestType } from '../protocol/requests.ts';
import type { Answered } from './in-flight.ts';
import { type KeptTick, KeptTicks, type TickAnswer, type TickBody, targetOf } from './kept-ticks.ts';
import type { Surroundings } from './surroundings.ts';

export interface RedoCount {
  /** Acked, and not known to be committed yet. */
  kept: number;
  /** Sent again: the season had lost them; had them; has a final or a newer match in their place; did not take them again. */
  applied: number;
  repeated: number;
  replaced: number;
  lost: number;
  /** Forgotten before they were known to be committed: too many, or their season ended. */
  dropped: number;
}

export interface RedoLink {
  isOpen(): boolean;
  /** Goes out although other requests are held. */
  send<T extends RequestType>(type: T, body: RequestBody<T>, answered: Answered<T>): void;
  hold(held: boolean): void;
}

/** What this client follows: one subscription, with all targets whose ticks it tells of. */
interface Follow {
  key: string;
  /** The server's number for it, on the present connection. */
  number: number | undefined;
  asking: boolean;
  season: string | undefined;
}

/** A player's owed ticks, one after the other. */
interface Chain {
  player: string;
  ticks: KeptTick[];
  tries: number;
}

type Durability = Pick<Push<'watermark'>, 'season' | 'epoch' | 'watermark'>;

/** Of the 32 subscriptions of a connection. */
const FOLLOWS_MAX = 8;
const MATCHES_KNOWN_MAX = 1_000;
/** Longer, and requests would time out that need not. */
const HOLD_MAX_MS = 4_000;
const CHAINS_MAX = 64;
const AGAIN_MS = 250;
const TRIES_MAX = 40;

export class Redo {
  readonly #link: RedoLink;
  readonly #around: Surroundings;
  readonly #kept: KeptTicks;
  readonly #follows = new Map<string, Follow>();
  readonly #seasonOf = new Map<string, string>();
  readonly #waiting: Chain[] = [];
  readonly #busy = new Set<string>();
  readonly #count = { applied: 0, repeated: 0, replaced: 0, lost: 0, ended: 0 };
  #chains = 0;
  #holding: unknown;

  constructor(link: RedoLink, around: Surroundings, ticksMax: number) {
    this.#link = link;
    this.#around = around;
    this.#kept = new KeptTicks(ticksMax);
  }

  get count(): RedoCount {
    const { ended, ...count } = this.#count;
    return { ...count, kept: this.#kept.size, dropped: this.#kept.dropped + ended };
  }

  started({ match, season }: Pick<Reply<'match.start'>, 'match' | 'season'>): void {
    this.#know(match, season);
  }

  acked(body: TickBody, answer: TickAnswer): void {
    this.#kept.keep(body, answer);
    if (this.#kept.has(targetOf(body))) this.#follow(targetOf(body));
  }

  opened(): void {
    if (this.#kept.size === 0) return;
    this.#hold();
    for (const follow of this.#follows.values()) this.#ask(follow);
    for (const target of this.#kept.targets()) this.#follow(target);
    this.#release();
  }

  down(): void {
    for (const follow of this.#follows.values()) {
      follow.number = undefined;
      follow.asking = false;
    }
  }

  pushed(push: Push<'watermark'>): void {
    for (const follow of this.#follows.values())
      if (follow.number === push.subscription) this.#heard(follow, push);
  }

  stop(): void {
    this.#around.clearTimer(this.#holding);
    this.#waiting.length = 0;
  }

  #keyOf(target: string): string {
    const season = this.#seasonOf.get(target);
    return season === undefined ? target : `season ${season}`;
  }

  #know(match: string, season: string): void {
    this.#seasonOf.delete(`match ${match}`);
    this.#seasonOf.set(`match ${match}`, season);
    const [oldest] = this.#seasonOf.keys();
    if (this.#seasonOf.size > MATCHES_KNOWN_MAX && oldest !== undefined) this.#seasonOf.delete(oldest);
  }

  #follow(target: string): void {
    const key = this.#keyOf(target);
    if (this.#follows.has(key)) return;
    if (this.#follows.size >= FOLLOWS_MAX) this.#dropIdle();
    if (this.#follows.size >= FOLLOWS_MAX) return;
    const follow: Follow = { key, number: undefined, asking: false, season: undefined };
    this.#follows.set(key, follow);
    this.#ask(follow);
  }

  #dropIdle(): void {
    for (const follow of this.#follows.values())
      if (!follow.asking && this.#targetsOf(follow).length === 0) this.#drop(follow);
  }

  #drop(follow: Follow): void {
    this.#follows.delete(follow.key);
    if (follow.number === undefined || !this.#link.isOpen()) return;
    this.#link.send('unsubscribe', { subscription: follow.number }, () => {});
  }

  #targetsOf({ key }: Follow): string[] {
    return [...this.#kept.targets()].filter((target) => this.#keyOf(target) === key);
  }

  #ask(follow: Follow): void {
    if (follow.asking || follow.number !== undefined || !this.#link.isOpen()) return;
    follow.asking = true;
    const [kind, id] = follow.key.split(' ') as ['board' | 'season' | 'match', string];
    this.#link.send('subscribe', { view: 'durability', [kind]: id }, (answer) => {
      follow.asking = false;
      if (answer instanceof Fault) this.#refused(follow, answer);
      else if ('watermark' in answer) this.#begun(follow, answer);
      this.#release();
    });
  }

  #refused(follow: Follow, fault: Fault): void {
    if (!this.#link.isOpen()) return;
    if (fault.retryable) {
      const waitMs = Math.max(fault.detail.retryAfterMs ?? 0, AGAIN_MS);
      this.#around.setTimer(() => this.#follows.get(follow.key) === follow && this.#ask(follow), waitMs);
      return;
    }
    // An older server, or no subscription left: what it acks is its own to bring back.
    for (const target of this.#targetsOf(follow)) this.#count.ended += this.#kept.forgetTarget(target);
    this.#follows.delete(follow.key);
  }

  #begun(follow: Follow, answer: Durability & { subscription: number }): void {
    follow.number = answer.subscription;
    if (follow.key.startsWith('match ')) {
      this.#know(follow.key.slice('match '.length), answer.season);
      this.#follows.delete(follow.key);
      follow.key = `season ${answer.season}`;
      const other = this.#follows.get(follow.key);
      if (other) this.#link.send('unsubscribe', { subscription: answer.subscription }, () => {});
      else this.#follows.set(follow.key, follow);
      for (const target of this.#kept.targets()) this.#follow(target);
    }
    this.#heard(follow, answer);
  }

  #heard(follow: Follow, { season, epoch, watermark }: Durability): void {
    const moved = follow.season !== undefined && follow.season !== season;
    follow.season = season;
    for (const target of this.#targetsOf(follow)) {
      // The next season must not get the last one's scores.
      if (moved) this.#count.ended += this.#kept.forgetTarget(target);
      if (watermark) this.#kept.prune(target, watermark);
      this.#redo(this.#kept.owed(target, epoch));
    }
  }

  #redo(owed: readonly KeptTick[]): void {
    const chains = new Map<string, Chain>();
    for (const kept of owed) {
      const player = `${kept.target} ${kept.body.player ?? ''}`;
      if (this.#busy.has(player)) continue;
      const chain = chains.get(player) ?? { player, ticks: [], tries: 0 };
      chain.ticks.push(kept);
      chains.set(player, chain);
    }
    if (chains.size === 0) return;
    this.#hold();
    for (const chain of chains.values()) {
      this.#busy.add(chain.player);
      this.#waiting.push(chain);
    }
    this.#startChains();
  }

  #startChains(): void {
    while (this.#chains < CHAINS_MAX) {
      const chain = this.#waiting.shift();
      if (!chain) return;
      this.#chains++;
      this.#next(chain);
    }
  }

  #next(chain: Chain): void {
    while (chain.ticks[0] && !this.#kept.isKept(chain.ticks[0])) chain.ticks.shift();
    const [kept] = chain.ticks;
    if (!kept || chain.tries > TRIES_MAX) {
      this.#over(chain);
      return;
    }
    this.#link.send('tick', kept.body, (answer) => {
      if (answer instanceof Fault && (answer.retryable || answer.code === 'UNAVAILABLE')) {
        chain.tries++;
        const waitMs = Math.max(answer.detail.retryAfterMs ?? 0, AGAIN_MS);
        this.#around.setTimer(() => this.#next(chain), waitMs);
        return;
      }
      chain.tries = 0;
      chain.ticks.shift();
      this.#settle(kept, answer);
      this.#next(chain);
    });
  }

  #settle(kept: KeptTick, answer: Reply<'tick'> | Fault): void {
    this.#kept.forget(kept);
    if (answer instanceof Fault) {
      const replaced = answer.code === 'MATCH_ENDED' || answer.code === 'MATCH_SUPERSEDED';
      this.#count[replaced ? 'replaced' : 'lost']++;
      return;
    }
    this.#count[answer.repeat ? 'repeated' : 'applied']++;
    if (answer.ack !== 'database') this.#kept.keep(kept.body, answer);
  }

  #over({ player }: Chain): void {
    this.#chains--;
    this.#busy.delete(player);
    this.#startChains();
    this.#release();
  }

  #hold(): void {
    if (this.#holding !== undefined) return;
    this.#link.hold(true);
    this.#holding = this.#around.setTimer(() => this.#letGo(), HOLD_MAX_MS);
  }

  /** Once every season with something kept has told where it is, and nothing is on its way again. */
  #release(): void {
    if (this.#holding === undefined || this.#chains > 0 || this.#waiting.length > 0) return;
    for (const follow of this.#follows.values())
      if (follow.number === undefined && this.#targetsOf(follow).length > 0) return;
    this.#letGo();
  }

  #letGo(): void {
    if (this.#holding === undefined) return;
    this.#around.clearTimer(this.#holding);
    this.#holding = undefined;
    this.#link.hold(false);
  }
}
