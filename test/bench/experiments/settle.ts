/** `settle`: places, prizes and the hash of the whole table in one transaction, beside the places alone. */

import { must } from '../../support/admin.ts';
import type { RowNumberMethods } from '../baselines/row-number.ts';
import type { Experiment } from '../experiment.ts';
import { WrongResult } from '../failure.ts';
import { firstScore, playerId } from '../players.ts';
import { createSeason } from '../season.ts';
import { startBaseline, startServer } from '../ticking.ts';
import type { World } from '../world.ts';

const PRIZES = {
  currency: 'USD',
  ties: 'split' as const,
  bands: [
    { from: 1, to: 1, amountMinor: 50_000 },
    { from: 2, to: 100, amountMinor: 1_000 },
  ],
};
/** Of the first standing; the others follow, a millisecond apart. */
const ACHIEVED_AT = 1_700_000_000_000;

export const settle: Experiment = {
  name: 'settle',
  async prepare(stage) {
    const { world, scale } = stage;
    const count = scale.settleStandings;
    const product = await startServer(stage);
    const rowNumber = startBaseline<RowNumberMethods>(stage, 'row-number.ts');
    const settled: string[] = [];
    let filled = { round: 0, season: '' };
    /** The season of the round, filled by whichever side comes first: both work on the same standings. */
    const seasonOf = async (round: number): Promise<string> => {
      if (filled.round !== round) {
        const { id } = await createSeason(product, {
          ...{ id: `settle-${round}`, title: 'Bench', kind: 'match', operator: 'best', prizes: PRIZES },
        });
        await fillStandings(world, id, count);
        filled = { round, season: id };
      }
      // Or it would run into one of the two sides.
      await world.sql`checkpoint`;
      return filled.season;
    };
    return {
      sides: [
        {
          name: 'photofinish',
          async measure(round) {
            const season = await seasonOf(round);
            await must(product, 'POST', `/v1/admin/seasons/${season}/close`, { now: true });
            const startedAt = performance.now();
            const settlement = await must(product, 'PUT', `/v1/admin/seasons/${season}/settlement`);
            const ms = performance.now() - startedAt;
            if (settlement.standings !== count)
              throw new WrongResult(`${settlement.standings} of ${count} standings were settled`);
            settled.push(season);
            return { value: ms, unit: 'ms' };
          },
        },
        {
          name: 'bare row_number()',
          async measure(round) {
            const season = await seasonOf(round);
            const { ms, rows } = await rowNumber.call('run', { databaseUrl: world.databaseUrl, season });
            if (rows !== count) throw new WrongResult(`the baseline wrote ${rows} rows of ${count}`);
            return { value: ms, unit: 'ms' };
          },
        },
      ],
      async check() {
        for (const id of settled) await checkSettlement(world, id, count);
        return settled.length * count;
      },
    };
  },
};

/** Past the finals: what a settlement is computed from. */
async function fillStandings({ sql }: World, season: string, count: number): Promise<void> {
  const prefix = playerId(0).slice(0, -9);
  await sql`
    insert into players (id) select ${prefix}::text || lpad(n::text, 9, '0')
    from generate_series(0, ${count - 1}::integer) as n on conflict do nothing`;
  await sql`
    insert into standings (season, player, score, achieved_at, finals, match_key)
    select ${season}, ${prefix}::text || lpad(n::text, 9, '0'), (n::bigint * 7919) % 1000003, ${ACHIEVED_AT}::bigint + n, 1, ''
    from generate_series(0, ${count - 1}::integer) as n`;
  await sql`analyze standings`;
}

async function checkSettlement({ sql }: World, season: string, count: number): Promise<void> {
  const rows = await sql<{ rank: number; player: string; score: string }[]>`
    select rank, player, score from settled_standings where season = ${season} order by rank`;
  if (rows.length !== count) throw new WrongResult(`season ${season} has ${rows.length} of ${count} places`);
  const expected = Array.from({ length: count }, (_, number) => number).sort(
    (a, b) => firstScore(b) - firstScore(a) || a - b,
  );
  for (const [i, row] of rows.entries()) {
    const number = expected[i] as number;
    if (row.rank === i + 1 && row.player === playerId(number) && Number(row.score) === firstScore(number))
      continue;
    throw new WrongResult(
      `place ${i + 1} of season ${season} is ${JSON.stringify(row)}; it belongs to ${playerId(number)} with ${firstScore(number)}`,
    );
  }
}
