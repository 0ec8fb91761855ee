/** A speedrun board: milliseconds, the smaller the better, and the first to reach a time keeps the place. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import type { Studio } from './studio.ts';

export const board: BoardInput = {
  id: 'any-percent',
  title: 'Any %',
  kind: 'open',
  sortOrder: 'asc',
  operator: 'best',
  scoreMin: 60_000,
  scoreMax: 86_400_000,
  ticks: { writers: ['server'], maxPerSecond: 2 },
};

const minutes = (m: number, s: number, ms: number) => (m * 60 + s) * 1_000 + ms;

export async function play({ connect }: Studio) {
  const timer = connect('server', 'run-timer');
  const run = async (player: string, ms: number) =>
    timer.tick({ board: board.id, player, score: ms }).catch((fault) => fault.code as string);

  await run('ada', minutes(21, 4, 120));
  await run('bo', minutes(20, 59, 80));
  // Nobody loses a place to an equal time: bo was there first.
  await run('cleo', minutes(20, 59, 80));
  // A slower run changes nothing.
  const slower = await run('ada', minutes(22, 0, 0));
  // Impossible times are refused by name.
  const impossible = await run('mallory', 1);

  const top = await timer.top({ board: board.id, limit: 10 });
  return {
    top: top.entries.map(({ rank, player, score }) => `${rank}. ${player} ${score}`),
    slowerImproved: typeof slower === 'object' && slower.improved,
    impossible,
  };
}

export const result = {
  top: ['1. bo 1259080', '2. cleo 1259080', '3. ada 1264120'],
  slowerImproved: false,
  impossible: 'SCORE_OUT_OF_RANGE',
};
