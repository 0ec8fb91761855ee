/** Who sends ticks: players for themselves, or a game server for its whole match. Both are open loop: when the next tick leaves
 *  depends on the clock and on chance, never on an answer. */
import type { Client } from '@photofinish/shared/client/client';
import type { SeqSource } from '@photofinish/shared/client/seq';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { SentTick } from '../books/account.ts';
import type { Chance } from '../chance.ts';
import type { TickTally } from '../tick-tally.ts';
import type { Wheel } from '../wheel.ts';
import type { Player } from './player.ts';

export interface Pitch {
  wheel: Wheel;
  tally: TickTally;
  seq: SeqSource;
  /** Ticks per second and player. */
  rate: number;
  /** Milliseconds since the Unix epoch: no tick is meant for later. */
  until: number;
}

export interface SimMatch {
  id: string;
  players: readonly Player[];
  sentBy: 'players' | 'server';
}

/** The part of a tick that goes on the wire. */
const wire = ({ score, delta, seq }: SentTick) => ({ seq, ...(delta === undefined ? { score } : { delta }) });

export function playerSends(pitch: Pitch, match: string, player: Player, from: number): void {
  beats(pitch, player.chance, 1_000 / (pitch.rate * player.pace), from, (intendedAt) => {
    const tick = player.nextTick(pitch.seq, intendedAt);
    pitch.tally.left();
    player.client.send('tick', { match, ...wire(tick) }, (answer) => pitch.tally.answered(tick, answer));
  });
}

export function serverSends(pitch: Pitch, host: Client, match: SimMatch, from: number): void {
  const chance = match.players[0]?.chance;
  if (!chance) return;
  beats(pitch, chance, 1_000 / pitch.rate, from, (intendedAt) => {
    const sent = match.players.map((player) => ({
      player: player.id,
      tick: player.nextTick(pitch.seq, intendedAt),
    }));
    for (const _ of sent) pitch.tally.left();
    const ticks = sent.map(({ player, tick }) => ({ player, ...wire(tick) }));
    host.send('ticks', { match: match.id, ticks }, (answer) => {
      for (const [i, { tick }] of sent.entries()) pitch.tally.answered(tick, resultAt(answer, i));
    });
  });
}

type TicksAnswer = Parameters<Parameters<typeof Client.prototype.send<'ticks'>>[2]>[0];

function resultAt(answer: TicksAnswer, i: number): object {
  if (answer instanceof Fault) return answer;
  const result = answer.results[i];
  if (!result) return new Fault('OUTCOME_UNKNOWN', 'the answer leaves this tick out');
  return 'error' in result ? new Fault(result.error.code as Fault['code'], result.error.message) : result;
}

/** The first beat within one mean wait, so that everyone sends at least once in a match of some length. */
function beats(
  pitch: Pitch,
  chance: Chance,
  meanMs: number,
  from: number,
  beat: (intendedAt: number) => void,
): void {
  const run = (intendedAt: number) => {
    beat(intendedAt);
    const next = intendedAt + chance.wait(meanMs);
    if (next < pitch.until) pitch.wheel.at(next, run);
  };
  pitch.wheel.at(from + chance.next() * Math.min(meanMs, pitch.until - from), run);
}
