/** What a season's acks stand for now: where its watermark is, what is not yet in Postgres, and which faults could cost it. */
import type { Ack } from '@photofinish/shared/protocol/replies';
import type { Catalogue } from './catalogue.ts';
import type { Reads, WindowAnswer } from './reads.ts';
import type { Redo } from './redo.ts';

export interface DurabilityAnswer extends WindowAnswer {
  /** What an answer `ok` to each of these means on this board. */
  acks: { tick: Ack; final: 'database' };
  /** Acked ticks that this server would apply again if Redis lost its memory now, coalesced. Others keep what they acked themselves. */
  redoTicks: number;
  /** Acked ticks that this server had to forget (REDO_TICKS_MAX) and that no watermark has passed: a loss of Redis now would cost them. */
  redoForgotten: number;
  /** Entries that each fault could set back now, at most. */
  atRisk: { fault: string; entries: number }[];
}

export class Durability {
  readonly #catalogue: Pick<Catalogue, 'season' | 'board'>;
  readonly #reads: Pick<Reads, 'window'>;
  readonly #redo: Pick<Redo, 'kept' | 'exposed'>;

  constructor(deps: {
    catalogue: Pick<Catalogue, 'season' | 'board'>;
    reads: Pick<Reads, 'window'>;
    redo: Pick<Redo, 'kept' | 'exposed'>;
  }) {
    this.#catalogue = deps.catalogue;
    this.#reads = deps.reads;
    this.#redo = deps.redo;
  }

  async of(seasonId: string): Promise<DurabilityAnswer> {
    const season = await this.#catalogue.season(seasonId);
    const { policy, ack } = (await this.#catalogue.board(season.board)).ticks;
    const window = await this.#reads.window(season.id);
    const redoForgotten = this.#redo.exposed(season.id);
    return {
      ...window,
      acks: { tick: policy === 'through' ? 'database' : ack, final: 'database' },
      redoTicks: this.#redo.kept(season.id),
      redoForgotten,
      atRisk: [
        { fault: 'a server dies', entries: 0 },
        {
          fault: 'Redis loses its memory while the servers that acked live on',
          entries: Math.min(redoForgotten, window.dirty),
        },
        { fault: 'Redis loses its memory and a server that acked dies', entries: window.dirty },
        { fault: 'Postgres is down for a while', entries: 0 },
      ],
    };
  }
}
