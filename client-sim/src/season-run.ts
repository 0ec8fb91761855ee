/** A whole season: matches with ticks, finals, the close, the settlement; and after each step the checks that are certain then. */
import { SeqSource } from '@photofinish/shared/client/seq';
import { Fault } from '@photofinish/shared/protocol/errors';
import { Chance } from './chance.ts';
import { checkRanks } from './checks/ranks.ts';
import { checkFinals, checkSnapshot } from './checks/rows.ts';
import { type SettlementFindings, settle } from './checks/settlement.ts';
import { Database } from './database.ts';
import { endMatches } from './finals.ts';
import { Findings } from './findings.ts';
import { FlushWatch } from './flush-watch.ts';
import { ApiFailure, HttpApi, Unreachable } from './http-api.ts';
import type { Options } from './options.ts';
import { connectHost, connectPlayers } from './players/connect.ts';
import { prepare } from './prepare.ts';
import { type Summary, summarize } from './results/summary.ts';
import { playRound } from './round.ts';
import type { Report, Run } from './run.ts';
import { Stop } from './stop.ts';
import { TickTally } from './tick-tally.ts';
import { mintToken } from './tokens.ts';

const ADMIN_TOKEN_GRACE_S = 3_600;
const LIVE_TOP = 5;

/** @throws Stop before anything was played, when there is nothing to play against */
export async function runSeason(options: Options, report: Report): Promise<Summary> {
  const database = await openDatabase(options);
  const closings: (() => unknown)[] = [() => database?.end()];
  try {
    const run = await begin(options, report, database, closings);
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const settlement = await playAndFinish(run);
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - startedAt;
    return summarize(run, settlement, { cpuShare: (user + system) / 1_000 / wallMs });
  } finally {
    report.end();
    for (const close of closings.reverse()) await close();
  }
}

/** What fails from here on is a finding: there is something to report, and a summary to report it in. */
async function playAndFinish(run: Run): Promise<SettlementFindings | undefined> {
  try {
    for (let round = 1; round <= run.options.matches; round++) await playAndCheck(run, round);
    return await finish(run);
  } catch (error) {
    const expected = error instanceof Fault || error instanceof ApiFailure || error instanceof Unreachable;
    if (!expected) throw error;
    run.findings.problem(`the run was cut short: ${error.message}`);
    return undefined;
  }
}

async function begin(
  options: Options,
  report: Report,
  database: Database | undefined,
  closings: (() => unknown)[],
): Promise<Run> {
  report.phase(`preparing board ${options.board}`);
  const lifeS = options.seconds + ADMIN_TOKEN_GRACE_S;
  const api = new HttpApi(options.url, await mintToken(options.token, 'admin', 'sim-admin', lifeS));
  const stage = await prepare(options, api);
  const { scoreMin: min, scoreMax: max } = stage.board;
  const rules = { operator: options.operator, sort: options.sort, bounds: { min, max } };
  const chance = new Chance(options.seed);
  report.phase(`connecting ${options.players} players`);
  const host = await connectHost(options);
  closings.push(() => host.close());
  const players = await connectPlayers(options, rules, chance);
  closings.push(() => {
    for (const player of players) player.client.close();
  });
  const watch = new FlushWatch(api, stage.season);
  closings.push(() => watch.stop());
  await watch.start();
  host.subscribe({ board: options.board, limit: LIVE_TOP }, { view: (view) => report.top(view.entries) });
  const finals = {
    sent: 0,
    acked: 0,
    resent: 0,
    inPostgres: 0,
    conflicts: 0,
    pending: false,
    expected: new Map(),
  };
  const run: Run = {
    ...stage,
    options,
    rules,
    chance,
    api,
    database,
    host,
    players,
    seq: new SeqSource(Date.now),
    tally: new TickTally(),
    finals,
    watch,
    findings: new Findings(),
    report,
  };
  sayWhatIsLeftOut(run);
  return run;
}

/** A database that was named and cannot be read is a mistake to tell, not a check to drop. */
async function openDatabase(options: Options): Promise<Database | undefined> {
  if (options.databaseUrl === undefined) return undefined;
  let database: Database;
  try {
    database = new Database(options.databaseUrl);
  } catch {
    throw new Stop('--database: use an address as postgres://user:password@host:5432/name');
  }
  try {
    await database.assertReadable();
    return database;
  } catch (error) {
    await database.end().catch(() => {});
    const { code, message } = error as { code?: string; message: string };
    throw new Stop(`--database: cannot read the server's tables: ${message || code}`);
  }
}

function sayWhatIsLeftOut(run: Run): void {
  const { findings } = run;
  if (!run.database) for (const check of ['drift.entries', 'finals.inPostgres']) findings.leaveOut(check);
  if (!run.options.settle) findings.leaveOut('settlement');
  if (run.admin) return;
  for (const check of ['ticks.lost', 'ranks', 'drift.entries', 'settlement']) findings.leaveOut(check);
}

/** Without a season of our own other players may stand between ours, and nothing about ranks is certain. */
async function check(run: Run, when: string): Promise<void> {
  if (!run.admin) return;
  run.report.phase(`${when}: checking ranks and rows`);
  await checkSnapshot(run, when, await checkRanks(run, when));
}

async function playAndCheck(run: Run, round: number): Promise<void> {
  const of = run.options.matches > 1 ? ` of match ${round}` : '';
  run.report.phase(`ticks${of}`);
  const matches = await playRound(run, round);
  await check(run, `ticks${of}`);
  run.report.phase(`finals${of}`);
  await endMatches(run, matches);
  await check(run, `finals${of}`);
}

async function finish(run: Run): Promise<SettlementFindings | undefined> {
  const settles = run.options.settle && run.admin;
  if (settles) {
    run.report.phase('closing the season');
    await run.api.text('POST', `/v1/admin/seasons/${run.season}/close`, { now: true });
    if (!(await run.watch.clean())) run.findings.problem('the closed season was still dirty after a minute');
  }
  await checkFinals(run);
  await run.watch.sample();
  if (!settles) return undefined;
  run.report.phase('settling, twice');
  return settle(run);
}
