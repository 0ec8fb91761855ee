/** The queue of flags: what an admin does about what looks like cheating. A flag changes nothing by itself: the score counts and stands until
 *  an admin confirms the flag, and a settlement waits for open flags of players who would be paid. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Flag, FlagQuery, FlagStore } from './flag-store.ts';

interface Deps {
  store: Pick<FlagStore, 'list' | 'decide'>;
  /** Tells live seasons about players who were just hidden; whatever this cannot do follows by itself. */
  follow: (players: readonly string[], board: string) => Promise<unknown>;
  clock: () => number;
}

export class Flags {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Oldest first. `next` is there when there are more. */
  async list(of: FlagQuery): Promise<{ flags: Flag[]; next?: number }> {
    const flags = await this.#deps.store.list({ ...of, limit: of.limit + 1 });
    if (flags.length <= of.limit) return { flags };
    const page = flags.slice(0, of.limit);
    return { flags: page, next: page.at(-1)?.id ?? of.after };
  }

  /** The score may stand. A player who was hidden by confirming the flag before stays hidden. @throws Fault NOT_FOUND */
  clear(flag: number, by: string): Promise<Flag> {
    return this.#deps.store.decide({ flag, status: 'cleared', at: this.#deps.clock(), by });
  }

  /** Hides the player on the board, in every season that is not settled. @throws Fault NOT_FOUND */
  async confirm(flag: number, by: string): Promise<Flag> {
    const { store, follow, clock } = this.#deps;
    const decided = await store.decide({ flag, status: 'confirmed', at: clock(), by });
    await follow([decided.player], decided.board);
    return decided;
  }
}

export const flagNotFound = (id: number): Fault =>
  new Fault('NOT_FOUND', `flag: there is no flag ${id}; GET /v1/admin/flags lists them`, {
    field: 'flag',
    fix: 'GET /v1/admin/flags lists them',
  });
