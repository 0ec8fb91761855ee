/** The summary for people. */
import { passed, type Summary } from './summary.ts';

const LABEL_WIDTH = 12;

export function tableOf(summary: Summary): string {
  const { ticks, ackMs, finals, flush, ranks, drift, settlement, run, leftOut } = summary;
  const unread = (check: string, text: string) => (leftOut.includes(check) ? 'not checked' : text);
  const rows: [string, string][] = [
    ['run', `${run.players} players on board ${run.board}, season ${run.season}, seed ${run.seed}`],
    [
      'ticks',
      `${ticks.sent} sent, ${ticks.acked} acked, ${ticks.refused} refused, ${unread('ticks.lost', `${ticks.lost} lost`)}${unknownTicks(summary)}`,
    ],
    [
      'ack time',
      `p50 ${ackMs.p50} ms, p99 ${ackMs.p99} ms, max ${ackMs.max} ms, from the intended send time`,
    ],
    [
      'finals',
      `${finals.sent} sent, ${finals.acked} acked, ${unread('finals.inPostgres', `${finals.inPostgres} in Postgres`)}; ${finals.resent} sent again, ${finals.conflicts} contradictions refused`,
    ],
    [
      'flush',
      `${flush.rows} rows in ${flush.batches} transactions, ${flush.ticksPerRow} ticks per row, oldest dirty entry ${flush.oldestDirtyMsMax} ms`,
    ],
    ['ranks', unread('ranks', `${ranks.checked} checked, ${ranks.wrong} wrong`)],
    ['drift', unread('drift.entries', `${drift.entries} entries`)],
    ['settlement', settlement.id === '' ? 'not settled' : paid(settlement)],
  ];
  if (leftOut.length > 0) rows.push(['left out', leftOut.join(', ')]);
  const lines = rows.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`);
  return [
    ...lines,
    ...problemLines(summary),
    '',
    passed(summary) ? '  all checks held' : '  CHECKS FAILED',
    '',
  ].join('\n');
}

function unknownTicks({ ticks }: Summary): string {
  const codes = Object.entries(ticks.refusals).map(([code, count]) => `${code} ${count}`);
  const unknown = ticks.unknown > 0 ? `, ${ticks.unknown} of unknown outcome` : '';
  return codes.length > 0 ? `${unknown} (${codes.join(', ')})` : unknown;
}

const paid = ({ id, awards, amountMinor, sha256, rerunSame }: Summary['settlement']): string =>
  `${id}: ${awards} awards, ${(amountMinor / 100).toFixed(2)} in all; sha256 ${sha256.slice(0, 16)}…; settled again: ${rerunSame ? 'the same' : 'CHANGED'}`;

function problemLines({ problems, problemCount }: Summary): string[] {
  if (problemCount === 0) return [];
  const untold = problemCount - problems.length;
  return ['', ...problems.map((text) => `  ! ${text}`), ...(untold > 0 ? [`  ! and ${untold} more`] : [])];
}
