/** The core's small faces in memory, so that the edge is tested alone: over real sockets, with answers that come when the test wants. */
import { boardSchema } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { TickTarget } from '../../../server/src/board/catalogue.ts';
import type { TickOutcome } from '../../../server/src/board/live-board.ts';
import { mayRunMatches, type Principal, type Role } from '../../../server/src/board/principal.ts';
import type { TickSink } from '../../../server/src/board/tick-intake.ts';
import { checkTick, type Tick } from '../../../server/src/board/tick-rules.ts';
import type { Services } from '../../../server/src/ws/services.ts';
import type { TopView } from '../../../server/src/ws/top-diff.ts';

const board = boardSchema.parse({ id: 'arena', title: 'Arena', scoreMin: 0, scoreMax: 1_000_000 });
const target: TickTarget = { season: { id: 's1', board }, matchKey: 'key' };

interface Waiting {
  tick: Tick;
  sink: TickSink;
  ticket: number;
}

/** Matches: `m1` is known, ids that begin with `slow` have to be looked up, others are unknown. */
export class MemoryCore implements Services {
  readonly scores = new Map<string, number>();
  readonly applied: Tick[] = [];
  readonly looked: string[] = [];
  version = 1;
  /** Added to the players of a reading, so that replies can be as large as a test wants. */
  padding = 0;
  tops = 0;
  /** How a batch, a look-up, a final, a read or a token waits before it is done. */
  wait: (what: 'ticks' | 'look-up' | 'final' | 'read' | 'verify') => Promise<void> = () =>
    new Promise((resolve) => setImmediate(resolve));
  /** What the next answers of this kind are instead. */
  broken: Partial<Record<'ticks' | 'final' | 'read' | 'target', Error>> = {};
  /** Keeps answers of this kind back until it is released. */
  hold(what: Parameters<MemoryCore['wait']>[0]): { count: number; release: () => void } {
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = { count: 0, release };
    const before = this.wait;
    this.wait = (other) => {
      if (other !== what) return before(other);
      hold.count++;
      return released;
    };
    return hold;
  }

  #waiting: Waiting[] = [];
  #busy = false;

  readonly verify = async (token: string): Promise<Principal> => {
    await this.wait('verify');
    const [role = '', sub = '', forMs = '600000'] = token.split('.');
    if (role === 'forbidden') throw new Fault('FORBIDDEN', 'role: may not connect');
    if (!['player', 'server', 'viewer', 'admin', 'stranger'].includes(role))
      throw new Fault('UNAUTHENTICATED', 'the token is not a JWT', { fix: 'connect with a new token' });
    return { sub, role: role as Role, expiresAt: Date.now() + Number(forMs) };
  };

  readonly catalogue = {
    board: async () => board,
    target: (of: { match?: string | undefined; board?: string | undefined }) => {
      if (this.broken.target) throw this.broken.target;
      if (of.match === 'm1') return target;
      if (of.board !== undefined) throw new Fault('BOARD_NOT_FOUND', 'board: there is no such board');
      return this.#lookUp(of.match ?? '');
    },
  };

  readonly intake = {
    submit: (_: TickTarget, tick: Tick, _writer: string, reply: { sink: TickSink; ticket: number }): void => {
      checkTick(board, tick);
      this.#waiting.push({ tick, ...reply });
      if (!this.#busy) void this.#run();
    },
  };

  readonly matches = {
    start: async (id: string, by: Principal) => {
      mayRunMatches(by);
      if (id !== board.id) throw new Fault('BOARD_NOT_FOUND', `board: there is no board ${id}`);
      await this.wait('final');
      return { match: 'm1', board: id, season: 's1', startedAt: 1 };
    },
  };

  readonly keeper = {
    abandon: async (id: string) => ({
      ...{
        id,
        season: 's',
        board: 'b',
        startedAt: 0,
        endedAt: 1,
        limits: {},
        rostered: false,
        abandoned: true,
      },
    }),
  };
  readonly finals: Services['finals'] = {
    send: (request, by, { sink, ticket }) => {
      this.finals.submit(request, by).then(
        (answers) => sink.finalsStored(ticket, answers),
        (error) => sink.finalsFailed(ticket, error),
      );
    },
    submit: async (group) => {
      await this.wait('final');
      if (this.broken.final) throw this.broken.final;
      return group.finals.map(({ player, score }) => {
        this.#set(player, score);
        const place = { rank: 1, previousRank: null, previousScore: null, improved: true };
        return { player, score, confirmed: score, duplicate: false, live: 'applied' as const, ...place };
      });
    },
  };

  readonly barrier: Services['barrier'] = {
    wait: async ({ board: id }) => {
      if (id !== board.id) throw new Fault('BOARD_NOT_FOUND', `board: there is no board ${id}`);
      return { board: id, season: 's1', watermark: { epoch: 1, version: this.version, at: 1 } };
    },
  };

  readonly reads: Services['reads'] = {
    top: async (of) => {
      this.tops++;
      return this.#read(of.board, (all) => all.slice(0, of.limit));
    },
    range: async (of) => {
      const answer = await this.#read(of.board, (all) => all);
      return { ...answer, count: answer.total };
    },
    around: async (of) => {
      const answer = await this.#read(of.board, (all) => all.filter(({ player }) => player === of.player));
      if (answer.entries.length === 0) throw new Fault('PLAYER_NOT_FOUND', 'player: has no entry');
      return answer;
    },
    ranks: async (of) => {
      const answer = await this.#read(of.board, (all) => all);
      const entries = of.players.map((player) => {
        const entry = answer.entries.find((known) => known.player === player);
        return entry ? { ...entry, percentile: 100 } : { player, rank: null };
      });
      return { ...answer, entries };
    },
    window: async (season) => {
      const { version } = this;
      const head = { season, board: 'arena', state: 'open' as const, epoch: 1, version };
      return { ...head, dirty: this.scores.size, oldestDirtyMs: 5, watermark: null };
    },
  };

  async #lookUp(match: string): Promise<TickTarget> {
    this.looked.push(match);
    await this.wait('look-up');
    if (match.startsWith('slow')) return target;
    throw new Fault('MATCH_NOT_FOUND', `match: there is no match ${match}`, { field: 'match' });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting.splice(0);
      await this.wait('ticks');
      for (const { tick, sink, ticket } of batch) {
        if (this.broken.ticks) sink.tickFailed(ticket, this.broken.ticks as Fault);
        else sink.ticked(ticket, this.#apply(tick), { epoch: 1, version: this.version, ack: 'cache' });
      }
    }
    this.#busy = false;
  }

  #apply(tick: Tick): TickOutcome {
    this.applied.push(tick);
    const score = tick.score ?? 0;
    const previousScore = this.scores.get(tick.player);
    const improved = previousScore !== score;
    this.#set(tick.player, score);
    const previousRank = previousScore === undefined ? 0 : 1;
    return { refused: undefined, rank: 1, previousRank, score, previousScore, improved, repeat: false };
  }

  #set(player: string, score: number): void {
    this.scores.set(player, score);
    this.version++;
  }

  async #read(id: string, pick: (all: TopView['entries']) => TopView['entries']): Promise<TopView> {
    if (id !== board.id)
      throw new Fault('BOARD_NOT_FOUND', `board: there is no board ${id}`, { field: 'board' });
    await this.wait('read');
    if (this.broken.read) throw this.broken.read;
    const padded = Array.from({ length: this.padding }, (_, i) => [`padding-${i}`, -i - 1] as const);
    const all = [...this.scores, ...padded]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([player, score], i) => ({ rank: i + 1, player, score, achievedAt: 1 }));
    const at = { epoch: 1, version: this.version, total: all.length };
    return { board: id, season: 's1', state: 'open', source: 'live', ...at, entries: pick(all) };
  }
}
