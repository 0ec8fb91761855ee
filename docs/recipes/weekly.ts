/** A weekly season: ranks begin anew on Sunday at six in the evening, Berlin time, in summer and in winter. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import type { Studio } from './studio.ts';

const timeZone = 'Europe/Berlin';

export const board: BoardInput = {
  id: 'weekly-cup',
  title: 'Weekly cup',
  kind: 'open',
  season: { schedule: '0 18 * * 0', timeZone },
};

/** Once a year, in summer and in winter, to show that the local time holds and the time in UTC changes. */
const summer: BoardInput = { ...board, id: 'summer-cup', season: { schedule: '0 18 1 7 *', timeZone } };
const winter: BoardInput = { ...board, id: 'winter-cup', season: { schedule: '0 18 15 1 *', timeZone } };

const clock = (at: number, zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at);
const weekday = (at: number) => new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long' }).format(at);

export async function play({ connect, admin, createBoard }: Studio) {
  await createBoard(summer);
  await createBoard(winter);
  const next = async (id = '') =>
    ((await admin('GET', `/v1/boards/${id}`)) as { boundaries: { next: number } }).boundaries.next;

  // The boundary opens the next season by itself, once, whatever servers run. An admin may end a season before its time.
  const host = connect('server', 'game');
  await host.tick({ board: board.id, player: 'ann', score: 10 });
  const { season } = await host.top({ board: board.id });
  await admin('POST', `/v1/admin/seasons/${season}/close`, { now: true });
  const past = await host.top({ board: board.id, season });
  return {
    next: `${weekday(await next(board.id))} ${clock(await next(board.id), timeZone)}`,
    summer: [clock(await next(summer.id), timeZone), clock(await next(summer.id), 'UTC')],
    winter: [clock(await next(winter.id), timeZone), clock(await next(winter.id), 'UTC')],
    past: past.entries.map(({ rank, player, score }) => `${rank}. ${player} ${score}`),
  };
}

export const result = {
  next: 'Sunday 18:00',
  summer: ['18:00', '16:00'],
  winter: ['18:00', '17:00'],
  past: ['1. ann 10'],
};
