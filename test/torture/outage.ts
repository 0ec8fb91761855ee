/** npm run outage -- --seconds S [--players N] [--rate R] [--json FILE]
 *
 *  Stops Postgres for S seconds under load: ticks must go on, one alert be told, the window be shown and memory stay bounded; afterwards all is
 *  flushed, the alert is taken back, and Postgres has what was acknowledged. Exits 0 when all of that held, 1 when not, 2 on wrong arguments. */

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { onStopSignal } from '../../server/src/stop-signals.ts';
import { must } from '../support/admin.ts';
import { spawnServer } from '../support/server-process.ts';
import { freshPostgres, freshRedis } from '../support/services.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import { openWire } from '../support/wire.ts';

const USAGE = 'npm run outage -- --seconds S [--players N] [--rate R] [--json FILE]';
const SECRET = 'a shared secret of some length';
const BATCH = 100;
/** After the outage: for the breaker's probe, the flush and the alert's end. */
const MEND_MS = 120_000;

function options() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      players: { type: 'string', default: '20000' },
      rate: { type: 'string', default: '5000' },
      json: { type: 'string' },
    },
  });
  const read = (name: 'seconds' | 'players' | 'rate', max: number): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
    throw new Error(`--${name}: a whole number from 1 to ${max}`);
  };
  return {
    seconds: read('seconds', 3_600),
    players: read('players', 1_000_000),
    rate: read('rate', 100_000),
    json: values.json,
  };
}

/** Linux: what the process has in memory, in megabytes. */
const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024);

let asked: ReturnType<typeof options>;
try {
  asked = options();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
// The databases are ended on the way out.
onStopSignal((_, code) => process.exit(code));
const { seconds, players, rate } = asked;
const [redis, database, receiver] = await Promise.all([freshRedis(), freshPostgres(), startReceiver(SECRET)]);
await migrate(database.url);
const server = await spawnServer({
  ...{ databaseUrl: database.url, redisUrl: redis.url },
  env: { ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: SECRET },
});
await must(server, 'POST', '/v1/admin/boards', {
  ...{ id: 'load', title: 'Load', kind: 'open', operator: 'latest' },
  ticks: { maxPerSecond: 10_000 },
  flush: { intervalMs: 500, windowLimitMs: 5_000 },
});
const host = await openWire(server.url, await server.token('server', 'host'));
const { season } = await host.ok({ type: 'top', board: 'load' });
const acked = new Map<string, number>();
const count = { acked: 0, refused: 0, slowestMs: 0 };
let score = 0;
let next = 0;

async function play(): Promise<void> {
  score++;
  const ticks = Array.from({ length: BATCH }, () => ({ player: `p${next++ % players}`, score, seq: score }));
  const sentAt = performance.now();
  const reply = await host.ask({ type: 'ticks', board: 'load', ticks });
  count.slowestMs = Math.max(count.slowestMs, Math.round(performance.now() - sentAt));
  const results = (reply['results'] ?? []) as { error?: object }[];
  for (const [i, tick] of ticks.entries())
    if (results[i] && !results[i].error) {
      acked.set(tick.player, tick.score);
      count.acked++;
    } else count.refused++;
}

/** At the rate asked for, and slower where the server is. */
async function playFor(ms: number): Promise<void> {
  const startedAt = performance.now();
  for (let sent = 0; performance.now() - startedAt < ms; sent += BATCH) {
    await play();
    const aheadMs = (sent / rate) * 1_000 - (performance.now() - startedAt);
    if (aheadMs > 1) await delay(aheadMs);
  }
}

const windowNow = () => must(server, 'GET', `/v1/seasons/${season}/window`);
const told = (alert: string) => receiver.notices.filter((one) => one.alert === alert).map(({ type }) => type);

await playFor(3_000);
const before = { ...count, rssMb: residentMb(server.pid) };
let peakMb = before.rssMb;
const watching = setInterval(() => {
  peakMb = Math.max(peakMb, residentMb(server.pid));
}, 500);
await database.stop();
const stoppedAt = performance.now();
await playFor(seconds * 1_000);
const shown = await windowNow();
const duringMs = Math.round(performance.now() - stoppedAt);
const during = { acked: count.acked - before.acked, refused: count.refused - before.refused };
await database.restart();
const backAt = performance.now();
let cleanMs: number | null = null;
while (performance.now() - backAt < MEND_MS) {
  const { dirty } = await windowNow().catch(() => ({ dirty: -1 }));
  if (dirty === 0) cleanMs ??= Math.round(performance.now() - backAt);
  if (cleanMs !== null && told('flush-failing').length > 1 && told('window-past-limit').length !== 1) break;
  await delay(100);
}
clearInterval(watching);
const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
const rows = await sql<{ player: string; score: string }[]>`select player, score from snapshot_entries`;
await sql.end();
const stored = new Map(rows.map((row) => [row.player, Number(row.score)]));
const lost = [...acked].filter(([player, value]) => stored.get(player) !== value).length;
const report = {
  ...{ seconds, players, rate },
  ticksAckedDuring: during.acked,
  ticksRefusedDuring: during.refused,
  ackedPerSecond: Math.round(during.acked / (duringMs / 1_000)),
  slowestAnswerMs: count.slowestMs,
  windowShown: { dirty: shown.dirty, oldestDirtyMs: shown.oldestDirtyMs },
  alerts: { flushFailing: told('flush-failing'), windowPastLimit: told('window-past-limit') },
  rssMb: { before: before.rssMb, peak: peakMb, after: residentMb(server.pid) },
  cleanAfterMs: cleanMs,
  lost,
};
host.close();
await server.stop();
await Promise.all([redis.remove(), database.remove(), receiver.stop()]);
console.log(JSON.stringify(report, null, 2));
if (asked.json !== undefined) writeFileSync(asked.json, `${JSON.stringify(report, null, 2)}\n`);
const once = JSON.stringify(['alert.raised', 'alert.cleared']);
const isWell =
  lost === 0 &&
  during.acked > 0 &&
  cleanMs !== null &&
  shown.dirty > 0 &&
  JSON.stringify(report.alerts.flushFailing) === once &&
  (seconds < 10 || JSON.stringify(report.alerts.windowPastLimit) === once);
console.log(isWell ? 'ticks went on, one alert each, and nothing was lost' : 'NOT AS PROMISED');
process.exit(isWell ? 0 : 1);
