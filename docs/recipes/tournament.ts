/** A live tournament: ranks move while people play, and prizes come from the finals alone. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import type { Studio } from './studio.ts';

export const board: BoardInput = {
  id: 'cup',
  title: 'Saturday cup',
  kind: 'match',
  operator: 'best',
  scoreMin: 0,
  scoreMax: 10_000,
  ticks: { writers: ['server'] },
  finals: { writers: ['server'], graceSeconds: 30 },
  prizes: {
    currency: 'EUR',
    bands: [
      { from: 1, to: 1, amountMinor: 10_000 },
      { from: 2, to: 2, amountMinor: 5_000 },
    ],
  },
};

export async function play({ connect, admin }: Studio) {
  const host = connect('server', 'match-host');

  // The big screen in the hall: whole views of the first places, each of one moment.
  const leaders: string[] = [];
  const screen = connect('viewer', 'hall-screen').subscribe(
    { board: board.id, limit: 3 },
    {
      view({ entries }) {
        const leader = entries[0]?.player;
        if (leader !== undefined && leader !== leaders.at(-1)) leaders.push(leader);
      },
    },
  );

  const { match, season } = await host.matchStart(board.id);
  // Ticks are write-behind: ranked at once, in Postgres a little later.
  await host.ticks({
    match,
    ticks: [
      { player: 'ann', score: 700 },
      { player: 'bob', score: 300 },
    ],
  });
  const halfTime = await host.ticks({
    match,
    ticks: [
      { player: 'bob', score: 900 },
      { player: 'cy', score: 650 },
    ],
  });

  // Finals are write-through: this is answered when Postgres has committed all of them, or none.
  const end = await host.matchEnd({
    match,
    finals: [
      { player: 'ann', score: 1_200 },
      { player: 'bob', score: 950 },
      { player: 'cy', score: 700 },
    ],
  });
  screen.close();

  // Settling twice pays once: the second call returns the same settlement.
  await admin('POST', `/v1/admin/seasons/${season}/close`, { now: true });
  const settled = (await admin('PUT', `/v1/admin/seasons/${season}/settlement`)) as Settlement;
  const again = (await admin('PUT', `/v1/admin/seasons/${season}/settlement`)) as Settlement;
  return {
    tickAck: halfTime.ack,
    finalAck: end.ack,
    awards: settled.awards.map(({ rank, player, amountMinor }) => `${rank}. ${player} ${amountMinor}`),
    settledOnce: settled.sha256 === again.sha256,
  };
}

interface Settlement {
  sha256: string;
  awards: { rank: number; player: string; amountMinor: number }[];
}

export const result = {
  tickAck: 'cache',
  finalAck: 'database',
  awards: ['1. ann 10000', '2. bob 5000'],
  settledOnce: true,
};
