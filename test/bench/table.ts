/** The report as a person reads it. */
import { GOALS, RATIO_NAMES } from './goals.ts';
import { heldOf } from './held.ts';
import type { Report, SideReport } from './report.ts';
import { clientCell } from './side-report.ts';

export function tableOf(report: Report): string {
  const rows: string[][] = [
    ['ratio', 'median', 'range', 'goal', '', 'rounds', 'CPU us: server', 'store', 'client'],
  ];
  for (const name of RATIO_NAMES) {
    const [ratio, detail] = [report.ratios[name], report.details[name]];
    if (!ratio || !detail) continue;
    const { bound } = GOALS[name];
    rows.push([
      name,
      figure(ratio.median),
      `${figure(ratio.min)} - ${figure(ratio.max)}`,
      `${bound === 'least' ? '>=' : '<='} ${ratio.goal}`,
      ratio.ok ? 'met' : ratio.rounds === 0 ? 'CLIENT' : 'MISSED',
      `${ratio.rounds}/${detail.ratios.length}`,
      ...['', '', ''],
    ]);
    for (const side of detail.sides) rows.push(sideRow(side));
  }
  return columns(rows);
}

const sideRow = (side: SideReport): string[] => [
  `  ${side.name}`,
  figure(side.value.median),
  `${figure(side.value.min)} - ${figure(side.value.max)}`,
  ...[side.unit, '', ''],
  side.serverUs === null ? '' : figure(side.serverUs),
  side.storeUs === null ? '' : figure(side.storeUs),
  clientCell(side),
];

/** Three digits, thousands grouped. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function columns(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What stands under the table. */
export function verdictOf(report: Report): string {
  const ratios = Object.entries(report.ratios);
  const missed = ratios.filter(([, ratio]) => !ratio.ok).map(([name]) => name);
  const lines = [
    ...heldOf(report),
    missed.length === 0
      ? `All ${ratios.length} goals are met.`
      : `${missed.length} of ${ratios.length} goals are missed: ${missed.join(', ')}.`,
  ];
  const { loadBefore, cores } = report.machine;
  if (loadBefore > cores / 4)
    lines.push(
      `The machine was busy before the run (load ${loadBefore} on ${cores} cores): do not trust the figures; run it again on a quiet one.`,
    );
  if (report.run.scale === 'quick')
    lines.push('A quick run shows that everything works; its figures decide nothing.');
  if (ratios.some(([, ratio]) => ratio.rounds === 0))
    lines.push(
      'CLIENT: in every round the client used 90 % of its core or more, so that it was measured instead.',
    );
  if (Object.values(report.details).some((detail) => detail?.sides.some(({ limitedIn }) => limitedIn)))
    lines.push(
      'LIMIT: the client used 90 % of its core or more; rounds in which it did so on a side of the ratio do not count.',
    );
  return lines.join('\n');
}
