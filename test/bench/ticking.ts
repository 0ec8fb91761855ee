/** What the experiments on acks share: a client, the product with a filled season, and `ws` baselines for the same load. */
import type { WsMethods } from './baselines/echo.ts';
import { checkSeason } from './check.ts';
import { checkRanks } from './check-ranks.ts';
import { type Child, type Methods, startChild } from './child.ts';
import type { ClientMethods } from './client/main.ts';
import type { DriverMethods } from './client/redis-driver.ts';
import type { Sample, Side, Stage } from './experiment.ts';
import { playerId } from './players.ts';
import type { Product } from './product.ts';
import { type BenchSeason, createSeason, flush, TICKS_UNREFUSED } from './season.ts';

/** Enough that the server never waits for the client, and as many as one server of a busy game keeps. */
const CONNECTIONS = 64;
/** Frames under way on each connection in the closed loop. */
const IN_FLIGHT = 16;
const BOARD = 'bench';

export type Client = Child<ClientMethods>;

export function startClient(stage: Stage): Client {
  const client = startChild<ClientMethods>('client/main.ts');
  stage.onEnd(() => client.end());
  return client;
}

export function startBaseline<M extends Methods>(stage: Stage, file: string): Child<M> {
  const child = startChild<M>(`baselines/${file}`);
  stage.onEnd(() => child.end());
  return child;
}

export async function startDriver(stage: Stage): Promise<Child<DriverMethods>> {
  const driver = startChild<DriverMethods>('client/redis-driver.ts');
  stage.onEnd(() => driver.end());
  await driver.call('connect', { url: stage.world.redisUrl });
  return driver;
}

export async function startServer(stage: Stage, env?: Readonly<Record<string, string>>): Promise<Product> {
  const product = await stage.world.product(env);
  stage.onEnd(() => product.stop());
  return product;
}

/** Entries in one script call while a season is filled. */
export const FILL_BATCH = 500;

export interface Ticking {
  product: Product;
  season: BenchSeason;
  client: Client;
  /** Waits until the flush has nothing left to do: after each measurement of ours, or it would run in the next one of a baseline. */
  rest(): Promise<unknown>;
  /** Holds the ranks of a few ticks against the order in Redis, and every acknowledged score against both stores. */
  check(): Promise<number>;
}

/** The product with a season of `scale.players` entries, and the client connected to it as game servers are. */
export async function startTicking(stage: Stage, documentsPerFrame = 1): Promise<Ticking> {
  const { world, scale } = stage;
  const product = await startServer(stage);
  const season = await createSeason(product, {
    ...{ id: BOARD, title: 'Bench', kind: 'open', operator: 'best', ticks: TICKS_UNREFUSED },
  });
  const driver = await startDriver(stage);
  await driver.call('fill', { season, entries: scale.players, batch: FILL_BATCH });
  await driver.end();
  await flush(product, season.id);
  const client = startClient(stage);
  await client.call('openTicks', {
    ...{ name: 'ours', connections: CONNECTIONS, documentsPerFrame, board: BOARD, players: scale.players },
    target: { url: product.url, token: await product.token('server', 'bench') },
    strict: true,
  });
  const rest = () => flush(product, season.id);
  let moved: ReadonlyMap<string, number> | undefined;
  const check = async () => {
    // Once: its ticks change the season.
    moved ??= await checkRanks(world, product, season);
    await rest();
    const scores = await client.call('scores', { name: 'ours' });
    const acked = new Map([...scores].map((score, i) => [playerId(i), score]));
    for (const [player, score] of moved) acked.set(player, score);
    return checkSeason(world, season, acked);
  };
  return { product, season, client, rest, check };
}

/** Starts a `ws` baseline and connects the client to it, with the same load. */
export async function openBaseline(
  stage: Stage,
  client: Client,
  { file, args = {} }: { file: string; args?: object },
): Promise<Child<WsMethods>> {
  const baseline = startBaseline<WsMethods>(stage, file);
  const { url } = await baseline.call('start', args);
  await client.call('openTicks', {
    ...{ name: file, target: { url }, connections: CONNECTIONS, documentsPerFrame: 1 },
    ...{ board: BOARD, players: stage.scale.players, strict: false },
  });
  return baseline;
}

export interface Saturation {
  name: string;
  station: string;
  pid: number;
  unit: string;
  store?: number;
  inFlight?: number;
  /** Awaited after the measurement. */
  rest?: Ticking['rest'];
}

/** Answers per second at saturation. */
export function saturation(stage: Stage, client: Client, of: Saturation): Side {
  const { warmMs, measureMs } = stage.scale;
  return {
    name: of.name,
    async measure(): Promise<Sample> {
      const pids = { server: of.pid, ...(of.store === undefined ? {} : { store: of.store }) };
      const window = { warmMs, measureMs, pids };
      const measured = await client.call('saturate', {
        name: of.station,
        inFlight: of.inFlight ?? IN_FLIGHT,
        window,
      });
      await of.rest?.();
      const per = (us: number | undefined) => (us ?? 0) / Math.max(1, measured.answered);
      return {
        value: (measured.answered * 1_000) / measured.ms,
        unit: of.unit,
        serverUs: per(measured.cpuUs['server']),
        ...(of.store === undefined ? {} : { storeUs: per(measured.cpuUs['store']) }),
        clientShare: measured.clientShare,
      };
    },
  };
}
