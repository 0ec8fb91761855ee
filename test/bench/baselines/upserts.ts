/** Baseline: prepared single-row upserts, so many in flight on so many connections. */
import postgres from 'postgres';
import { playerId } from '../players.ts';
import { serve } from '../served.ts';

interface Of {
  databaseUrl: string;
  connections: number;
  inFlight: number;
  players: number;
  warmMs: number;
  measureMs: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const methods = serve({
  async run({ databaseUrl, connections, inFlight, players, warmMs, measureMs }: Of) {
    const sql = postgres(databaseUrl, { max: connections, onnotice: () => undefined });
    let [done, going] = [0, true];
    const writer = async () => {
      while (going) {
        const player = playerId(Math.floor(Math.random() * players));
        const score = done % 1_000_003;
        await sql`
          insert into bench_scores (player, score) values (${player}, ${score})
          on conflict (player) do update set score = excluded.score`;
        done++;
      }
    };
    const writers = Promise.all(Array.from({ length: inFlight }, writer));
    await sleep(warmMs);
    const [before, startedAt, cpu] = [done, performance.now(), process.cpuUsage()];
    await sleep(measureMs);
    const [count, ms, { user, system }] = [
      done - before,
      performance.now() - startedAt,
      process.cpuUsage(cpu),
    ];
    going = false;
    await writers;
    await sql.end({ timeout: 5 });
    return { perSecond: (count * 1_000) / ms, us: (user + system) / count };
  },
});

export type UpsertMethods = typeof methods;
