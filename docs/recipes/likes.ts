/** A counter of likes: an open board whose entries are posts. Many web servers add to it at once. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import type { Studio } from './studio.ts';

export const board: BoardInput = {
  id: 'post-likes',
  title: 'Most liked posts',
  kind: 'open',
  operator: 'sum',
  ticks: { writers: ['server'], maxPerSecond: 1_000, maxDelta: 500 },
};

const WEB_SERVERS = 4;
const ROUNDS = 25;

export async function play({ connect }: Studio) {
  const webServers = Array.from({ length: WEB_SERVERS }, (_, n) => connect('server', `web-${n + 1}`));

  // Each web server gathers the likes of a moment and sends them as deltas. The SDK gives every delta a seq: one whose
  // answer was lost is sent again and counts once.
  await Promise.all(
    webServers.map(async (web) => {
      for (let round = 0; round < ROUNDS; round++)
        await web.ticks({
          board: board.id,
          ticks: [
            { player: 'post-cat', delta: 3 },
            { player: 'post-dog', delta: 2 },
            { player: 'post-fish', delta: round % 2 === 0 ? 1 : -1 },
          ],
        });
    }),
  );

  // The same delta twice, as after a lost answer: the second one is a repeat.
  const [web] = webServers;
  const seq = Date.now() * 1_000 + 999;
  const first = await web?.tick({ board: board.id, player: 'post-dog', delta: 10, seq });
  const again = await web?.tick({ board: board.id, player: 'post-dog', delta: 10, seq });

  const top = await web?.top({ board: board.id, limit: 3 });
  return {
    likes: top?.entries.map(({ rank, player, score }) => `${rank}. ${player} ${score}`),
    countedOnce: first?.score === again?.score && again?.repeat === true,
  };
}

export const result = {
  likes: ['1. post-cat 300', '2. post-dog 210', '3. post-fish 4'],
  countedOnce: true,
};
