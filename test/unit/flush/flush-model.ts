/** The flusher as a state machine: what may happen at any moment, as fast-check commands over the real flush pass, two flushers, and
 *  a Redis and a Postgres in memory. The model knows only what was acknowledged; after every command the invariants of SPEC.md hold. */
import fc from 'fast-check';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { lost, MemoryPorts, MemoryPostgres, MemoryRedis } from './memory-ports.ts';
import { type Fate, type Queue, SteppedFlusher } from './stepped-flusher.ts';

/** What was acknowledged, and nothing else. */
export interface Acked {
  /** Of the present life of the season: player -> rev and score of the last acknowledged change. */
  changes: Map<string, { rev: number; score: number }>;
  finals: Map<string, { score: number; finals: number }>;
}

export class World {
  readonly redis = new MemoryRedis();
  readonly postgres = new MemoryPostgres();
  readonly flushers: SteppedFlusher[];
  /** The epoch that a builder raised and has not published yet. */
  building: number | undefined;

  constructor(queueOf: (ports: MemoryPorts) => Queue, batchSize: number) {
    const ports = new MemoryPorts(this.redis, this.postgres);
    this.flushers = [0, 1].map(() => new SteppedFlusher(queueOf(ports), ports, batchSize));
  }

  /** Every mark that was left behind is found by the next flusher: runs one until nothing is dirty. What was given up on comes late,
   *  after it. */
  async drain(): Promise<void> {
    for (const flusher of this.flushers) flusher.crash();
    if (this.redis.cold) publish(this, raise(this));
    const [flusher] = this.flushers;
    const { dirty, claimed } = this.redis;
    let running = true;
    for (let steps = 0; (running || dirty.size > 0 || claimed.size > 0) && steps < 1_000; steps++)
      running = (await flusher?.step('done', 0)) ?? false;
    for (const { late } of this.flushers) for (const commit of late.splice(0)) await commit().catch(() => 0);
  }
}

const raise = ({ postgres }: World): number => ++postgres.epoch;

/** Rows, merged with finals that they do not have yet; what the merge changed is written back, as revision 0 of the new epoch. */
function publish({ redis, postgres }: World, epoch: number): void {
  const players = new Set([...postgres.rows.keys(), ...postgres.standings.keys()]);
  const entries = [...players].map((player): EntryRecord => {
    const row = postgres.rows.get(player)?.entry ?? NOTHING;
    const standing = postgres.standings.get(player);
    if (!standing || standing.finals <= row.finals) return { ...row, player, rev: 0 };
    const { score, finals } = standing;
    const entry = { ...row, player, rev: 0, score, finals, confirmed: { score, achievedAt: 0 } };
    postgres.rows.set(player, { epoch, rev: 0, score, entry });
    return entry;
  });
  redis.publish(epoch, entries);
}

const NOTHING: EntryRecord = {
  ...{ player: '', rev: 0, score: 0, achievedAt: 0, confirmed: undefined, finals: 0 },
  ...{ matchKey: '', matchEnded: false, provisional: undefined, seqs: ';' },
};

/** A thousand scripts of eighty commands are checked: an assertion library would take most of the time. */
function hold(truth: boolean, what: string): void {
  if (!truth) throw new Error(what);
}

/** Nothing acknowledged is without a mark before it is committed, and what a watermark names is committed. */
export function check(acked: Acked, { redis, postgres }: World): void {
  const gone = lost(redis, postgres);
  hold(gone.length === 0, `acknowledged, and neither dirty nor claimed nor committed: ${gone}`);
  const { watermark } = postgres;
  for (const [player, { rev, score }] of acked.changes) {
    const entry = redis.entries.get(player);
    hold(entry !== undefined && entry.rev >= rev, `${player} is older than its ack`);
    const row = postgres.rows.get(player);
    const committed = row?.epoch === redis.epoch && row.rev >= rev;
    if (watermark?.epoch === redis.epoch && watermark.version >= rev)
      hold(committed, `${player} is named by the watermark and not committed`);
    if (committed && row.rev === rev) hold(row.score === score, `${player} has another score`);
  }
  for (const [player, { score, finals }] of acked.finals) {
    const stored = postgres.standings.get(player);
    hold(stored?.score === score && stored.finals === finals, `the final of ${player} changed`);
  }
}

/** After a drain both sides say the same of everybody. */
export function checkDrained(acked: Acked, world: World): void {
  const { redis, postgres } = world;
  check(acked, world);
  hold(redis.dirty.size + redis.claimed.size === 0, 'still dirty after a drain');
  for (const { player, rev, score } of redis.entries.values()) {
    const row = postgres.rows.get(player);
    if (rev > 0) hold(row?.epoch === redis.epoch && row.rev === rev, `${player} differs after a drain`);
    if (row) hold(row.score === score, `${player} has another score after a drain`);
  }
  for (const player of postgres.rows.keys())
    hold(redis.entries.has(player), `${player} is in Postgres alone`);
}

type Command = fc.AsyncCommand<Acked, World>;

function command(name: string, run: (acked: Acked, world: World) => Promise<void> | void): Command {
  return {
    check: () => true,
    toString: () => name,
    async run(acked, world) {
      await run(acked, world);
      check(acked, world);
    },
  };
}

const remember = (acked: Acked, { redis }: World, player: string): void => {
  const { rev, score } = redis.entries.get(player) ?? { rev: 0, score: 0 };
  acked.changes.set(player, { rev, score });
};

const tick = (player: string, score: number) =>
  command(`tick ${player} ${score}`, (acked, world) => {
    if (world.redis.cold) return;
    world.redis.tick(player, score);
    remember(acked, world, player);
  });

/** Committed first; `live` false: the server died before it told Redis, or the answer was lost. A repair finds it. */
const final = (player: string, score: number, live: boolean) =>
  command(`final ${player} ${score}${live ? '' : ' not live'}`, (acked, world) => {
    const finals = (world.postgres.standings.get(player)?.finals ?? 0) + 1;
    world.postgres.standings.set(player, { score, finals });
    acked.finals.set(player, { score, finals });
    if (!live || world.redis.cold) return;
    world.redis.confirm(player, score, finals);
    remember(acked, world, player);
  });

const repair = command('repair finals', (acked, world) => {
  if (world.redis.cold) return;
  for (const [player, { score, finals }] of world.postgres.standings) {
    world.redis.confirm(player, score, finals);
    if (acked.changes.has(player)) remember(acked, world, player);
  }
});

const step = (flusher: number, fate: Fate, pick: number) =>
  command(`flusher ${flusher} ${fate}${pick ? ' (other call first)' : ''}`, async (_, world) => {
    await world.flushers[flusher]?.step(fate, pick);
  });

const late = (flusher: number) =>
  command(`late commit of ${flusher}`, async (_, world) => world.flushers[flusher]?.doLate());

const crash = (flusher: number) =>
  command(`crash ${flusher}`, (_, world) => world.flushers[flusher]?.crash());

/** Redis loses its memory: what it costs was inside of the window, and nothing else. */
const forget = command('redis forgets', (acked, world) => {
  world.redis.forget();
  world.building = undefined;
  acked.changes.clear();
});

const raiseEpoch = command('raise epoch', (_, world) => {
  if (world.redis.cold) world.building = raise(world);
});

const publishSeason = command('publish', (_, world) => {
  if (!world.redis.cold || world.building === undefined) return;
  publish(world, world.building);
  world.building = undefined;
});

const player = fc.constantFrom('ada', 'bob', 'cy');
const flusher = fc.nat(1);
const fate = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('done') },
  { weight: 3, arbitrary: fc.constantFrom<Fate>('replyLost', 'refused', 'late') },
);

export const commands = fc.commands(
  [
    fc.tuple(player, fc.nat(99)).map(([who, score]) => tick(who, score)),
    fc.tuple(player, fc.nat(99), fc.boolean()).map(([who, score, live]) => final(who, score, live)),
    fc.tuple(flusher, fate, fc.nat(1)).map(([who, what, pick]) => step(who, what, pick)),
    fc.tuple(flusher, fate, fc.nat(1)).map(([who, what, pick]) => step(who, what, pick)),
    fc.tuple(flusher, fate, fc.nat(1)).map(([who, what, pick]) => step(who, what, pick)),
    flusher.map(late),
    flusher.map(crash),
    fc.constantFrom(raiseEpoch, publishSeason),
    fc.constantFrom(repair, forget),
  ],
  { size: 'large', maxCommands: 80 },
);

/** @returns a property: any list of commands, over a world with this queue */
export const flusherProperty = (queueOf: (ports: MemoryPorts) => Queue) =>
  fc.asyncProperty(commands, fc.integer({ min: 1, max: 3 }), async (script, batchSize) => {
    const acked: Acked = { changes: new Map(), finals: new Map() };
    const world = new World(queueOf, batchSize);
    await fc.asyncModelRun(() => ({ model: acked, real: world }), script);
    await world.drain();
    checkDrained(acked, world);
  });
