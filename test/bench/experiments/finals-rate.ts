/** `finals.rate`: finals that are committed before they are answered, beside the upserts that they are made of. */
import type { UpsertMethods } from '../baselines/upserts.ts';
import { checkFinals } from '../check-finals.ts';
import type { Experiment } from '../experiment.ts';
import { startMatches } from '../matches.ts';
import { createScores } from '../scores-table.ts';
import { createSeason } from '../season.ts';
import { saturation, startBaseline, startClient, startServer } from '../ticking.ts';

const BOARD = 'finals';
const CONNECTIONS = 8;
/** On each connection: 64 in all. */
const IN_FLIGHT = 8;
/** As many as the product may use. */
const POOL = 10;
/** Matches of one connection in one round: its finals go to them in turn. */
const MATCHES = 16;

export const finalsRate: Experiment = {
  name: 'finals.rate',
  async prepare(stage) {
    const { world, scale } = stage;
    const product = await startServer(stage);
    const season = await createSeason(product, {
      id: BOARD,
      title: 'Finals',
      kind: 'match',
      operator: 'best',
    });
    const token = await product.token('server', 'bench');
    const client = startClient(stage);
    const upserts = startBaseline<UpsertMethods>(stage, 'upserts.ts');
    await createScores(world, scale.finalPlayers);
    const stations: string[] = [];
    const { warmMs, measureMs } = scale;
    return {
      sides: [
        {
          name: 'photofinish',
          async measure(round) {
            const station = `finals ${round}`;
            const matches: string[][] = [];
            for (let connection = 0; connection < CONNECTIONS; connection++)
              matches.push(await startMatches(product.url, token, { board: BOARD, count: MATCHES }));
            await client.call('openFinals', {
              ...{ name: station, target: { url: product.url, token }, matches, players: scale.finalPlayers },
            });
            stations.push(station);
            const side = saturation(stage, client, {
              ...{ name: station, station, pid: product.pid, unit: 'finals/s', inFlight: IN_FLIGHT },
            });
            const sample = await side.measure(round);
            await client.call('close', { name: station });
            return sample;
          },
        },
        {
          name: 'single-row upserts',
          async measure() {
            const { perSecond, us } = await upserts.call('run', {
              ...{ databaseUrl: world.databaseUrl, connections: POOL, inFlight: CONNECTIONS * IN_FLIGHT },
              ...{ players: scale.finalPlayers, warmMs, measureMs },
            });
            return { value: perSecond, unit: 'upserts/s', serverUs: us };
          },
        },
      ],
      async check() {
        const acked = [];
        for (const station of stations) acked.push(await client.call('finals', { name: station }));
        return checkFinals(world, product, { season, acked: acked.flat() });
      },
    };
  },
};
