/** docs/performance.md, written from the report of a run: no figure in it was typed. */
import { GOALS, RATIO_NAMES, type RatioName } from './goals.ts';
import type { Detail, Report, SideReport } from './report.ts';
import { FULL, QUICK, type Scale } from './scale.ts';
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
  const told =
    single && latency
      ? `: ${figure(single.value.median)} acknowledged ticks a second, each checked, ranked exactly among ${entries} entries and marked for the flush, with the flush running. At half of the most that it
can take, 99 of 100 ticks are acknowledged within ${figure(latency.value.median)} ms of when they were due`
      : '';
  return `On ${machine.cores} cores (${machine.cpu}, Node ${machine.node}), which the client, the server, Redis and PostgreSQL share${told}. Beside baselines of the same run:

${table(
  ['ratio', 'ours', 'beside', 'goal', 'measured'],
  names(report).map((name) => ratioRow(report, name).slice(0, 5)),
)}

${met} of ${names(report).length} goals are met there. [docs/performance.md](docs/performance.md) has the ranges, the processor time of each part and the method; [ADR 0100](docs/adr/0100-the-hot-path.md) what stands in
the way of the others.`;
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
    String(ratio.rounds),
    ratio.ok ? 'met' : 'missed',
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
- The client is one more process, with WebSocket framing of its own, so that it costs less than what it measures. Its processor time is
  measured: a round in which it used 90 % of its core does not count.
- Sides take turns, A B A B, ${scale.rounds} rounds of ${scale.measureMs / 1_000} s after ${scale.warmMs / 1_000} s of warming up. A ratio is computed within a round; the table has their
  median and range.
- Saturation is a closed loop of 64 connections with 16 frames under way on each. Latency is an open loop: frames are due in groups, one each
  millisecond, and an ack counts from the moment its frame was due, whatever the server was doing then.
- Every tick is an improvement, so that it moves its entry; every reply is held against its tick. After the rounds every player's score is
  held against Redis and Postgres, at its place. One that is wrong fails the run.
- Ticks over the wire are measured with the flush of every two seconds; \`redis.ticks\`, \`redis.growth\`, \`redis.bytes\`, \`rebuild\` and the flush itself with none beside them.
- Processor times of servers and stores are the kernel's, over all their threads.
- Seasons hold ${count(scale.players)} entries for ticks over the wire, 10,000 and ${count(scale.growthLarge)} for \`redis.growth\`, ${count(scale.flushRows)} for the flush, ${count(scale.rebuildEntries)} for
  \`rebuild\`, ${count(scale.settleStandings)} for \`settle\`.`;

const count = (value: number): string => value.toLocaleString('en-US');

const section = (name: RatioName, detail: Detail): string => `### ${name}

${table(['', 'median', 'range', 'unit', 'server µs', 'store µs', 'client'], detail.sides.map(sideRow))}

Ratio per round: ${detail.ratios.map(figure).join(', ')}. ${count(detail.checked)} results checked.${notes(detail.sides)}`;

const sideRow = (side: SideReport): string[] => [
  side.name,
  figure(side.value.median),
  `${figure(side.value.min)} to ${figure(side.value.max)}`,
  side.unit,
  side.serverUs === null ? '' : figure(side.serverUs),
  side.storeUs === null ? '' : figure(side.storeUs),
  side.clientShare === null ? '' : `${Math.round(side.clientShare * 100)} %`,
];

function notes(sides: readonly SideReport[]): string {
  const told = sides.flatMap((side) => (side.note === undefined ? [] : `${side.name}: ${side.note}.`));
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
