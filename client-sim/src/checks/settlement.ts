/** The settlement against the books: standings, their hash, prizes, and that settling again changes nothing. */
import { isDeepStrictEqual } from 'node:util';
import { inOrder } from '../books/order.ts';
import { owed } from '../books/prizes.ts';
import { standingsHash } from '../books/standings-hash.ts';
import type { StandingRow } from '../database.ts';
import { insist } from '../insist.ts';
import type { Run } from '../run.ts';

export interface Settlement {
  id: string;
  amountMinor: number;
  sha256: string;
  awards: { player: string; rank: number; amountMinor: number }[];
}

export interface SettlementFindings {
  id: string;
  awards: number;
  amountMinor: number;
  sha256: string;
  rerunSame: boolean;
}

const READ_MAX = 1_000;

export async function settle(run: Run): Promise<SettlementFindings> {
  const path = `/v1/admin/seasons/${run.season}/settlement`;
  const first = await run.api.text('PUT', path, {});
  const again = await run.api.text('PUT', path, {});
  const settlement = JSON.parse(first) as Settlement;
  // The order of properties means nothing in JSON.
  const rerunSame = isDeepStrictEqual(settlement, JSON.parse(again));
  if (!rerunSame) run.findings.problem('settling again answered something else');
  const kept: unknown = JSON.parse(await run.api.text('GET', path));
  if (!isDeepStrictEqual(kept, settlement))
    run.findings.problem('the settlement that is kept is not the one that was answered');
  const rows = await standings(run);
  if (rows) {
    checkStandings(run, rows);
    await checkMoney(run, settlement, rows);
    if (standingsHash(rows) !== settlement.sha256)
      run.findings.problem(
        `sha256 of the settled standings is ${standingsHash(rows)}, the settlement says ${settlement.sha256}`,
      );
  }
  await checkTopOfSettled(run, rows);
  const { id, awards, amountMinor, sha256 } = settlement;
  return { id, awards: awards.length, amountMinor, sha256, rerunSame };
}

async function standings(run: Run): Promise<StandingRow[] | undefined> {
  if (run.database) return run.database.settledRows(run.season);
  run.findings.leaveOut('settlement.standings');
  return undefined;
}

/** Every player with a final stands, with the banked score, in our order. */
function checkStandings(run: Run, rows: readonly StandingRow[]): void {
  const byPlayer = new Map(rows.map((row) => [row.player, row]));
  if (byPlayer.size !== rows.length || rows.length !== run.players.length)
    run.findings.problem(
      `settled standings have ${rows.length} rows of ${byPlayer.size} players, should be one for each of ${run.players.length}`,
    );
  for (const { account } of run.players) {
    const row = byPlayer.get(account.player);
    if (row?.score !== account.banked?.score)
      run.findings.problem(
        `settled standings have ${account.player} with ${row?.score ?? 'nothing'}, should be ${account.banked?.score ?? 'nothing'}`,
      );
  }
  for (const [i, our] of inOrder(run.rules.sort, rows).entries())
    run.findings.rank(
      our.rank === i + 1,
      () => `settled standings have ${our.player} at ${our.rank}, should be ${i + 1}`,
    );
}

async function checkMoney(run: Run, settlement: Settlement, rows: readonly StandingRow[]): Promise<void> {
  const { bands, ties } = run.board.prizes;
  const ours = owed(bands, ties, inOrder(run.rules.sort, rows));
  const sum = ours.reduce((total, { amountMinor }) => total + amountMinor, 0);
  const line = (award: { player: string; rank: number; amountMinor: number }) =>
    `${award.rank} ${award.player} ${award.amountMinor}`;
  const should = ours.map(line).join(', ');
  const told = settlement.awards.map(line).join(', ');
  if (told !== should)
    run.findings.problem(`the settlement awards ${told || 'nothing'}, should be ${should}`);
  const kept = (await run.database?.awardRows(run.season))?.map(line).join(', ');
  if (kept !== undefined && kept !== should)
    run.findings.problem(`the awards table has ${kept || 'nothing'}, should be ${should}`);
  if (settlement.amountMinor !== sum)
    run.findings.problem(`the settlement pays ${settlement.amountMinor} in all, should be ${sum}`);
}

/** A settled season shows its standings to readers, too. */
async function checkTopOfSettled(run: Run, rows: readonly StandingRow[] | undefined): Promise<void> {
  if (!rows) return;
  const limit = Math.min(READ_MAX, run.players.length);
  const top = await insist(run.host, 'top', { board: run.board.id, season: run.season, limit });
  run.findings.rank(
    top.entries.length === limit,
    () => `settled: top shows ${top.entries.length} entries, should be ${limit}`,
  );
  for (const [i, entry] of top.entries.entries()) {
    const row = rows[i];
    run.findings.rank(
      row?.player === entry.player && row.score === entry.score && row.rank === entry.rank,
      () =>
        `settled: top shows ${entry.player} with ${entry.score} at ${entry.rank}, standings have ${row?.player} with ${row?.score}`,
    );
  }
}
