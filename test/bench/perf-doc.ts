/** docs/performance.md, written from the report of a run: no figure in it was typed. */
import { GOALS, RATIO_NAMES, type RatioName } from './goals.ts';
import { heldIn } from './held.ts';
import type { Detail, Report, SideReport } from './report.ts';
import { FULL, QUICK, type Scale } from './scale.ts';
import { clientCell, roundsLeftOut } from './side-report.ts';
import { figure } from './table.ts';

export const performanceDoc = (report: Report): string =>
  `# Performance

Written by \`npm run generate\` from \`docs/performance.json\`, the report of a run of \`npm run bench\`. Measure it again on your own machine:

\`\`\`
npm run bench -- --quick              # everything once over, in under three minutes
npm run bench -- --json report.json   # the whole of it
\`\`\`

Absolute rates are this machine's. Ratios to a baseline of the same run, on the same machine, are what carries over.

## The ratios

${table(
  ['ratio', 'ours', 'beside', 'goal', 'measured', 'range', 'rounds', ''],
  names(report).map((name) => ratioRow(report, name)),
)}

## The machine

${machineLines(report)}

## The method

${method(scaleOf(report))}

## What was measured

${names(report)
  .map((name) => section(name, report.details[name] as Detail))
  .join('\n\n')}
`;

/** The same in short, for the README. */
export function performanceInShort(report: Report): string {
  const { machine, details, ratios } = report;
  const [single, latency] = [details['ack.single']?.sides[0], details['ack.p99']?.sides[0]];
  const entries = count(scaleOf(report).players);
  const met = names(report).filter((name) => ratios[name]?.ok).length;
  const counts = (['ack.single', 'ack.p99'] as const).every((name) => ratios[name]?.rounds);
  const told =
    single && latency && counts
      ? `: ${figure(single.value.median)} acknowledged ticks a second, each checked, ranked exactly among ${entries} entries and marked for the flush, with the flush running. At half of the most that it
can take, 99 of 100 ticks are acknowledged within ${figure(latency.value.median)} ms of when they were due`
      : '';
  return `On ${machine.cores} cores (${machine.cpu}, Node ${machine.node}), which the client, the server, Redis and PostgreSQL share${told}. Beside baselines of the same run:

${table(
  ['ratio', 'ours', 'beside', 'goal', 'measured'],
  names(report).map((name) => ratioRow(report, name).slice(0, 5)),
)}

${met} of ${names(report).length} goals are met there. [docs/performance.md](docs/performance.md) has the ranges, the processor time of each part and the method; [ADR 0100](docs/adr/0100-the-hot-path.md) what stands in
the way of each of the others. The goals were set before anything was measured, and are kept as they were: some of them cannot be reached on two cores.`;
}

const names = (report: Report): RatioName[] =>
  RATIO_NAMES.filter((name) => report.ratios[name] && report.details[name]);

const scaleOf = (report: Report): Scale => (report.run.scale === 'quick' ? QUICK : FULL);

function ratioRow(report: Report, name: RatioName): string[] {
  const { bound, goal, ours, base } = GOALS[name];
  const ratio = report.ratios[name];
  if (!ratio) return [name];
  return [
    `\`${name}\``,
    ours,
    base,
    `${bound === 'least' ? '≥' : '≤'} ${goal}`,
    `**${figure(ratio.median)}**`,
    `${figure(ratio.min)} to ${figure(ratio.max)}`,
    `${ratio.rounds} of ${report.details[name]?.ratios.length}`,
    ratio.ok ? 'met' : ratio.rounds === 0 ? 'not measured: the client was the limit' : 'missed',
  ];
}

function machineLines({ machine, run }: Report): string {
  const busy =
    machine.loadBefore > machine.cores / 4
      ? `\n- Load before the run: ${machine.loadBefore}. The machine was busy: these figures are not to be trusted.`
      : '';
  return `- ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.os}
- Node ${machine.node}, Redis ${machine.redis}, PostgreSQL ${machine.postgres}; ws ${machine.ws}, ioredis ${machine.ioredis}, postgres.js ${machine.postgresJs}
- Commit ${machine.commit}, ${run.startedAt.slice(0, 10)}; ${run.scale} run of ${Math.round(run.seconds)} s${busy}`;
}

const method = (
  scale: Scale,
): string => `- The bench starts a Redis (append-only file, \`everysec\`) and a PostgreSQL of its own, and the built server in a process of its own with
  everything on that a real one has: tokens, limits, \`seq\`, dirty tracking, redo, metrics, the flush. Baselines have processes of their own too.
- What differs from a real one: the limits of requests per second and client, and the timeouts of Redis and PostgreSQL, are raised so that the load is not refused; each is
  still checked. Redis does not rewrite its append-only file by itself, or it would do so in the middle of a round of one side.
- The board is the plainest: \`open\`, \`best\`, \`ordinal\`, one writer per player, ack \`cache\`. \`finals.rate\` and \`settle\` have a \`match\` board, \`fanout\` a \`latest\` one. What other rankings, columns, buckets and hidden
  players cost is in [places.md](places.md). The acks \`aof\` and \`replica\` and the policy \`through\` are not measured here.
- The client is one more process, with WebSocket framing of its own, so that it costs less than what it measures. Its processor time is
  measured: a round in which it used 90 % of its core on a side of the ratio does not count.
- Sides take turns, and the first turn too: A B, B A, A B, … ${scale.rounds} rounds. A ratio is computed within a round; the tables have medians and ranges of the rounds that count.
- \`ack.*\`, \`redis.ticks\`, \`redis.growth\`, \`finals.rate\` and \`fanout\` are timed: ${scale.measureMs / 1_000} s after ${scale.warmMs / 1_000} s of warming up, but \`redis-benchmark\`, which sends ${count(scale.benchmarkRequests)} commands. The others do one
  piece of work in each round, as large as below: \`redis.bytes\`, \`flush.rows\`, \`flush.cpu\`, \`idle.bytes\`, \`rebuild\`, \`settle\`.
- \`ack.single\`, \`ack.tutorial\` and \`ack.writethrough\` are a closed loop of 64 connections with 16 frames of one tick under way on each, on both sides; \`ack.frame16\` has 2 frames of 16 ticks on each, beside 16
  frames of one message. \`ack.p99\` is an open loop on 64 connections: frames are due in groups, one each millisecond, and an ack counts from the moment its frame was due, whatever the server was doing then.
  Every frame that was due in the window is recorded, also where its ack comes after it.
- Ticks over the wire are measured with the flush of every two seconds. What it has left to do is done after the measurement, before the other side's turn. \`redis.ticks\`, \`redis.growth\`, \`redis.bytes\`, \`rebuild\` and the flush
  itself have none beside them.
- \`redis.ticks\` and \`redis.growth\` call the script without the server, 200 ticks in a call, three calls under way.
- \`finals.rate\` has 8 connections with 8 finals under way on each, of ${count(scale.finalPlayers)} players in 128 matches a round; the upserts are of as many players, 64 under way on 10 connections, as many as the server has.
  Finals, upserts and the baseline of \`ack.writethrough\` wait for each commit to be on disk: these ratios are also of the machine's disk.
- In \`fanout\` the scores come in through a second server on the same stores, whose processor time is not counted.
- Every tick is an improvement, so that it moves its entry; the score in every reply is held against its tick. After the rounds every player's score is
  held against Redis and Postgres, where both must have the same order. One that is wrong fails the run. What is checked elsewhere stands at each ratio.
- Ranks in replies are not checked under load. Where ticks come over the wire, 64 more are sent one by one after the rounds, and the rank and the previous rank of each are held against the order in Redis.
- Processor times of servers and stores are the kernel's, over all their threads.
- Seasons hold ${count(scale.players)} entries for ticks over the wire, 100,000 for \`redis.ticks\`, 10,000 and ${count(scale.growthLarge)} for \`redis.growth\`, ${count(scale.bytesEntries)} for \`redis.bytes\`, ${count(scale.flushRows)} for the flush,
  ${count(scale.rebuildEntries)} for \`rebuild\`, ${count(scale.settleStandings)} for \`settle\`. \`fanout\` has ${count(scale.subscribers)} subscribers, \`idle.bytes\` ${count(scale.idleSessions)} sessions.`;

const count = (value: number): string => value.toLocaleString('en-US');

const section = (name: RatioName, detail: Detail): string => `### ${name}

${table(['', 'median', 'range', 'unit', 'server µs', 'store µs', 'client'], detail.sides.map(sideRow))}

${ratiosOf(detail)}${checkedOf(name, detail)}${notes(detail.sides)}`;

/** Those that do not count in brackets. */
function ratiosOf({ ratios, sides }: Detail): string {
  const out = roundsLeftOut(sides);
  const told = ratios.map((ratio, i) => (out.has(i + 1) ? `(${figure(ratio)})` : figure(ratio)));
  const why = out.size > 0 ? ' In brackets: the client was the limit, and the round does not count.' : '';
  return `Ratio per round: ${told.join(', ')}.${why}`;
}

function checkedOf(name: RatioName, { checked }: Detail): string {
  const held = heldIn(name, checked);
  return held === undefined ? '' : ` Checked: ${held}.`;
}

const sideRow = (side: SideReport): string[] => [
  side.name,
  figure(side.value.median),
  `${figure(side.value.min)} to ${figure(side.value.max)}`,
  side.unit,
  side.serverUs === null ? '' : figure(side.serverUs),
  side.storeUs === null ? '' : figure(side.storeUs),
  clientCell(side),
];

function notes(sides: readonly SideReport[]): string {
  const told = sides.flatMap((side) => (side.note === undefined ? [] : `${side.name}, ${side.note}.`));
  return told.length > 0 ? `\n${told.join('\n')}` : '';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  );
}
