/** Rows in Postgres against the books and against what the wire told. */
import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import type { SnapshotRow } from '../database.ts';
import type { Player } from '../players/player.ts';
import type { Run } from '../run.ts';

/** Every entry's snapshot row, once nothing is dirty. @param live the entries as the wire told them */
export async function checkSnapshot(
  run: Run,
  when: string,
  live: ReadonlyMap<string, RankedEntry>,
): Promise<void> {
  if (!run.database) return;
  if (!(await run.watch.clean())) {
    run.findings.problem(`${when}: ${run.watch.last.dirty} entries were still dirty after a minute`);
    return;
  }
  const rows = new Map((await run.database.snapshotRows(run.season)).map((row) => [row.player, row]));
  for (const player of run.players) checkRow(run, when, player, rows.get(player.id), live.get(player.id));
  const known = new Set(run.players.map(({ id }) => id));
  for (const player of rows.keys())
    if (!known.has(player)) run.findings.drift(player, `${when}: a row for ${player}, who never played`);
}

function checkRow(
  run: Run,
  when: string,
  player: Player,
  row: SnapshotRow | undefined,
  live: RankedEntry | undefined,
): void {
  const { findings } = run;
  const verdict = player.account.judge(row?.score);
  const playing = player.account.playing && player.account.judgePlaying(row?.provisional ?? undefined);
  for (const judged of [verdict, playing])
    if (judged?.kind === 'wrong') findings.lostTicks(player.id, when, judged.lostTicks);
  if (row?.score !== live?.score || row?.achievedAt !== live?.achievedAt)
    findings.drift(
      player.id,
      `${when}: the row of ${player.id} has ${row?.score ?? 'nothing'} reached at ${row?.achievedAt}, the wire told ${live?.score ?? 'nothing'} at ${live?.achievedAt}`,
    );
  else if (verdict.kind === 'wrong' || playing?.kind === 'wrong')
    findings.drift(
      player.id,
      `${when}: the row of ${player.id} has ${row?.score ?? 'nothing'} (of this match ${row?.provisional ?? 'nothing'}), which the acked ticks do not add up to`,
    );
  else if ((row?.confirmed ?? undefined) !== player.account.banked?.score)
    findings.drift(
      player.id,
      `${when}: the row of ${player.id} has ${row?.confirmed ?? 'nothing'} confirmed, should be ${player.account.banked?.score ?? 'nothing'}`,
    );
}

/** Every final once, with its score. */
export async function checkFinals(run: Run): Promise<void> {
  if (!run.database) return;
  const missing = new Map(run.finals.expected);
  for (const { match, player, score } of await run.database.finalRows(run.season)) {
    const key = `${match} ${player}`;
    const expected = missing.get(key);
    missing.delete(key);
    if (expected === score) run.finals.inPostgres += 1;
    else
      run.findings.problem(
        `final_scores has ${score} for ${player} in ${match}, should be ${expected ?? 'no second or unsent one'}`,
      );
  }
  for (const [key, score] of missing) run.findings.problem(`final_scores lacks ${key} with ${score}`);
}
