/** One round: every player plays one match. */
import { now, pause } from './clock.ts';
import { inParallel } from './in-parallel.ts';
import { insist } from './insist.ts';
import type { Player } from './players/player.ts';
import { type Pitch, playerSends, type SimMatch, serverSends } from './players/senders.ts';
import type { Run } from './run.ts';
import { Wheel } from './wheel.ts';

const PLAYERS_PER_MATCH = 10;
const STARTING_AT_ONCE = 32;
const REPORT_MS = 200;
/** One match in five is told by the game server in `ticks` documents, the others by their players. */
const SERVER_SENT_EVERY = 5;

export async function playRound(run: Run, round: number): Promise<SimMatch[]> {
  const matches = await startMatches(run, run.chance.fork(`round ${round}`).shuffled(run.players));
  const seconds = run.options.seconds / run.options.matches;
  const from = now();
  const wheel = new Wheel(now);
  const pitch: Pitch = {
    wheel,
    tally: run.tally,
    seq: run.seq,
    rate: run.options.rate,
    until: from + seconds * 1_000,
  };
  for (const match of matches) {
    for (const player of match.players) player.matchBegins();
    if (match.sentBy === 'server') serverSends(pitch, run.host, match, from);
    else for (const player of match.players) playerSends(pitch, match.id, player, from);
  }
  wheel.start();
  while (now() < pitch.until) {
    tell(run, round, (now() - from) / 1_000);
    await pause(Math.min(REPORT_MS, Math.max(1, pitch.until - now())));
  }
  // One more turn, for what was meant for the last moments.
  wheel.turn();
  wheel.stop();
  await run.tally.settled();
  tell(run, round, seconds);
  return matches;
}

/** A `match.start` without an answer may have started a match that nobody plays: harmless, and another is started. */
async function startMatches(run: Run, players: readonly Player[]): Promise<SimMatch[]> {
  const groups: Player[][] = [];
  for (let i = 0; i < players.length; i += PLAYERS_PER_MATCH)
    groups.push(players.slice(i, i + PLAYERS_PER_MATCH));
  return inParallel(groups, STARTING_AT_ONCE, async (group, i) => {
    const { match, season } = await insist(run.host, 'match.start', { board: run.board.id });
    if (season !== run.season)
      run.findings.problem(`match ${match} began in season ${season}, not ${run.season}`);
    return { id: match, players: group, sentBy: i % SERVER_SENT_EVERY === 1 ? 'server' : 'players' };
  });
}

function tell(run: Run, round: number, secondsOfRound: number): void {
  const { seconds, matches } = run.options;
  run.report.progress({
    done: (round - 1) * (seconds / matches) + Math.min(secondsOfRound, seconds / matches),
    of: seconds,
    acked: run.tally.acked,
    ackMsP99: run.tally.ackMs(99),
    dirty: run.watch.last.dirty,
    oldestDirtyMs: run.watch.last.oldestDirtyMs,
  });
}
