/** npm run torture -- --seed K --seconds S [--mutant spop|srem] [--json FILE]
 *
 *  Starts a Redis, a Postgres and two servers of its own, writes to them and breaks them all, then says whether anything acknowledged
 *  was lost, counted twice or changed. Exits 0 when nothing was, 1 when something was, 2 on wrong arguments. */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { onStopSignal } from '../../server/src/stop-signals.ts';
import { GUILTS } from './guilty-queue.ts';
import { isClean, runTorture, type TortureOptions, type TortureReport } from './run.ts';

const USAGE = `npm run torture -- --seed K --seconds S [--mutant ${GUILTS.join('|')}] [--json FILE]`;
const SECONDS_MAX = 3_600;

function options(): TortureOptions & { json: string | undefined } {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '60' },
      mutant: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
  const mutant = GUILTS.find((name) => name === values.mutant);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed: ${values.seed} is no whole number`);
  if (!(seconds >= 1 && seconds <= SECONDS_MAX)) throw new Error(`--seconds: from 1 to ${SECONDS_MAX}`);
  if (values.mutant !== undefined && !mutant) throw new Error(`--mutant: one of ${GUILTS.join(', ')}`);
  return { seed, seconds, mutant, json: values.json };
}

function table({ kills, acked, lost, examples, ...rest }: TortureReport): string {
  const rows = [
    ['', 'ticks', 'deltas', 'finals'],
    ['acked', acked.ticks, acked.deltas, acked.finals],
    ['lost', lost.ticks, lost.deltas, lost.finals],
  ].map((row) => row.map((cell) => String(cell).padStart(8)).join(''));
  const { redis, emptied, server, postgresStops, replyDrops } = kills;
  return [
    `seed ${rest.seed}, ${rest.seconds} s${rest.mutant ? `, with the guilty queue ${rest.mutant}` : ''}`,
    `redis killed ${redis} (appendfsync ${rest.fsync}), emptied ${emptied}, servers killed ${server}, postgres stopped ${postgresStops}, replies dropped ${replyDrops}, processes paused ${rest.pauses}, connections cut ${rest.cuts}`,
    ...rows,
    `doubled ${rest.doubled}, finals changed ${rest.finalsChanged}, drift ${rest.drift}, wrong answers ${rest.wrong}, reported loss ${rest.reportedLoss}`,
    rest.drainedMs === null ? 'not drained' : `drained in ${rest.drainedMs} ms`,
    `sent again after: ${Object.entries(rest.resent)
      .map(([code, count]) => `${code} ${count}`)
      .join(', ')}`,
    ...examples,
  ].join('\n');
}

let asked: ReturnType<typeof options>;
try {
  asked = options();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
// The databases are ended on the way out.
onStopSignal((_, code) => process.exit(code));
const report = await runTorture(asked);
console.log(table(report));
if (asked.json !== undefined) writeFileSync(asked.json, `${JSON.stringify(report, null, 2)}\n`);
const clean = isClean(report);
console.log(clean ? 'nothing acknowledged was lost, doubled or changed' : 'GUILTY');
process.exit(clean ? 0 : 1);
