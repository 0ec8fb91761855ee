/** A latest-value board: where each courier is on the route, sent again every two seconds whether it changed or not. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import type { Studio } from './studio.ts';

export const board: BoardInput = {
  id: 'route-metres',
  title: 'Metres along the route',
  kind: 'open',
  operator: 'latest',
  scoreMin: 0,
  ticks: { writers: ['player'], maxPerSecond: 5 },
  // Long, so that the recipe can show that nothing is left to flush after the second round.
  flush: { intervalMs: 600_000 },
};

const POSITIONS = { anna: 5_200, ben: 4_100, chris: 4_100 };

export async function play({ connect, admin }: Studio) {
  const couriers = Object.entries(POSITIONS).map(([name, metres]) => ({
    client: connect('player', name),
    metres,
  }));
  const report = () =>
    Promise.all(couriers.map(({ client, metres }) => client.tick({ board: board.id, score: metres })));
  const control = connect('viewer', 'control-room');

  const first = await report();
  const { season } = await control.top({ board: board.id });
  await admin('POST', `/v1/admin/seasons/${season}/flush`);

  // Two seconds later: the same positions. Answered with rank and score, and nothing becomes dirty: no row is written.
  const again = await report();
  const { dirty } = (await admin('GET', `/v1/seasons/${season}/window`)) as { dirty: number };

  // Going back counts too: the newest value stands, not the best.
  await couriers[0]?.client.tick({ board: board.id, score: 3_900 });
  const top = await control.top({ board: board.id });
  return {
    first: first.map(({ improved }) => improved),
    again: again.map(({ improved }) => improved),
    dirtyAfterRepeats: dirty,
    last: top.entries.at(-1)?.player,
  };
}

export const result = {
  first: [true, true, true],
  again: [false, false, false],
  dirtyAfterRepeats: 0,
  last: 'anna',
};
