/** The ends of matches: finals through the game server, some sent twice, one contradicted. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Reply } from '@photofinish/shared/protocol/replies';
import { now } from './clock.ts';
import { inParallel } from './in-parallel.ts';
import { insist } from './insist.ts';
import type { Player } from './players/player.ts';
import type { SimMatch } from './players/senders.ts';
import { within } from './players/walk.ts';
import type { Run } from './run.ts';

const ENDING_AT_ONCE = 32;
/** The first of every five matches sends finals one by one; the second sends its `match.end` twice. */
const STYLE_EVERY = 5;
/** The game server is the authority: it corrects this share of the scores that players saw last. */
const CORRECTED = 0.1;

type FinalResult = Omit<Reply<'final'>, 'type' | 'id' | 'ack'>;
interface Final {
  player: Player;
  score: number;
}

export async function endMatches(run: Run, matches: readonly SimMatch[]): Promise<void> {
  await inParallel(matches, ENDING_AT_ONCE, async (match, i) => {
    const finals = match.players.map((player) => ({ player, score: finalScore(run, player) }));
    for (const { player, score } of finals) run.finals.expected.set(`${match.id} ${player.id}`, score);
    run.finals.sent += finals.length;
    try {
      if (i % STYLE_EVERY === 0) await oneByOne(run, match, finals);
      else await together(run, match, finals, i % STYLE_EVERY === 1);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      run.findings.problem(`match ${match.id}: a final was not taken: ${error.code} ${error.message}`);
    }
  });
}

function finalScore(run: Run, player: Player): number {
  const score = player.account.playing?.score ?? player.score;
  return player.chance.happens(CORRECTED)
    ? within(run.rules.bounds, score + player.chance.int(-5, 5))
    : score;
}

async function oneByOne(run: Run, match: SimMatch, finals: readonly Final[]): Promise<void> {
  for (const [i, final] of finals.entries()) {
    const sentAt = now();
    const body = { match: match.id, player: final.player.id, score: final.score };
    banked(run, final, await insist(run.host, 'final', body), sentAt);
    if (i !== 0) continue;
    run.finals.resent += 1;
    expectDuplicate(run, match, await insist(run.host, 'final', body));
    const { min, max } = run.rules.bounds;
    if (min < max)
      await contradict(run, { ...body, score: body.score < max ? body.score + 1 : body.score - 1 });
  }
  await insist(run.host, 'match.end', { match: match.id, finals: [] });
}

async function together(run: Run, match: SimMatch, finals: readonly Final[], twice: boolean): Promise<void> {
  const sentAt = now();
  const body = {
    match: match.id,
    finals: finals.map(({ player, score }) => ({ player: player.id, score })),
  };
  const answer = await insist(run.host, 'match.end', body);
  for (const [i, final] of finals.entries()) {
    const result = answer.finals[i];
    if (result?.player === final.player.id) banked(run, final, result, sentAt);
    else run.findings.problem(`match.end of ${match.id} answered no final for ${final.player.id}`);
  }
  if (!twice) return;
  run.finals.resent += finals.length;
  const again = await insist(run.host, 'match.end', body);
  for (const result of again.finals) expectDuplicate(run, match, result);
}

function banked(run: Run, { player, score }: Final, result: FinalResult, sentAt: number): void {
  player.account.final({ score, notBefore: sentAt, notAfter: now() });
  run.finals.acked += 1;
  if (result.live === 'pending') run.finals.pending = true;
  const expected = player.account.banked?.score;
  if (result.score !== score || result.confirmed !== expected)
    run.findings.problem(
      `final of ${player.id}: sent ${score}, answered ${result.score}; confirmed ${result.confirmed}, should be ${expected}`,
    );
}

function expectDuplicate(run: Run, match: SimMatch, result: FinalResult): void {
  if (!result.duplicate)
    run.findings.problem(
      `final of ${result.player} in ${match.id} was sent again and not answered as duplicate`,
    );
}

async function contradict(run: Run, body: { match: string; player: string; score: number }): Promise<void> {
  try {
    await insist(run.host, 'final', body);
    run.findings.problem(`a final of ${body.player} that contradicts the first one was taken`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'FINAL_CONFLICT') run.finals.conflicts += 1;
    else
      run.findings.problem(`a contradicting final of ${body.player} got ${error.code}, not FINAL_CONFLICT`);
  }
}
