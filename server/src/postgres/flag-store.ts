/** Flags in Postgres. */
import type { Flag, FlagDecision, FlagQuery, FlagStore, NewFlag } from '../board/flag-store.ts';
import { flagNotFound } from '../board/flags.ts';
import type { Postgres } from './connections.ts';
import { decideFlag } from './queries/decide-flag.ts';
import { listFlags } from './queries/list-flags.ts';
import { notedTicks } from './queries/note-last-ticks.ts';
import { raiseFlags } from './queries/raise-flags.ts';

export class PostgresFlagStore implements FlagStore {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  raise(flags: readonly NewFlag[]): Promise<number> {
    return this.#postgres.write(({ sql }) => raiseFlags(sql, flags));
  }

  list(of: FlagQuery): Promise<Flag[]> {
    return this.#postgres.read(({ db }) => listFlags(db, of));
  }

  async decide(decision: FlagDecision): Promise<Flag> {
    const flag = await this.#postgres.write((connection) => decideFlag(connection, decision));
    if (!flag) throw flagNotFound(decision.flag);
    return flag;
  }

  async notedTicks(season: string, finals: readonly { match: string; player: string }[]) {
    return [...(await this.#postgres.read(({ sql }) => notedTicks(sql, season, finals)))];
  }
}
