/** Requests that the core answers later: one function from request to the reply's body. */
import type { Request } from '@photofinish/shared/protocol/requests';
import { mayRead, type Principal, playerOf, seesHidden } from '../board/principal.ts';
import type { PlacesOf } from './places-feeds.ts';
import type { Services } from './services.ts';

export type AskType =
  | 'match.start'
  | 'match.end'
  | 'match.abandon'
  | 'top'
  | 'range'
  | 'around'
  | 'rank'
  | 'barrier';

const NEIGHBOURS = 5;

/** Everyone but a viewer may read any board, and is not kept waiting for it. @throws Fault FORBIDDEN, BOARD_NOT_FOUND */
export async function assertReadable(
  request: object,
  by: Principal,
  catalogue: Services['catalogue'],
): Promise<void> {
  if (by.role === 'viewer' && 'board' in request && typeof request.board === 'string')
    mayRead(by, await catalogue.board(request.board));
}

export async function ask(request: Request<AskType>, by: Principal, services: Services): Promise<object> {
  // Most who ask may read everything: nothing to wait for.
  if (by.role === 'viewer') await assertReadable(request, by, services.catalogue);
  switch (request.type) {
    case 'match.start':
      return { ack: 'database', ...(await services.matches.start(request.board, by, request.roster)) };
    case 'match.end': {
      const { match, finals } = request;
      return {
        ack: 'database',
        match,
        finals: await services.finals.submit({ match, finals, end: true }, by),
      };
    }
    case 'match.abandon': {
      const { id, endedAt } = await services.keeper.abandon(request.match, by);
      return { ack: 'database', match: id, endedAt };
    }
    case 'barrier':
      return { ack: 'database', ...(await services.barrier.wait(request)) };
    case 'top':
      return services.reads.top(request);
    case 'range':
      return services.reads.range(request);
    case 'around':
      return services.reads.around({ ...request, player: playerOf(by, request.player) });
    case 'rank':
      return services.reads.ranks({
        ...request,
        players: request.players ?? [playerOf(by, undefined, 'players')],
        seesHidden: (player) => seesHidden(by, player),
      });
  }
}

/** What views `around` and `players` ask, a player's own where it names nobody. @throws Fault INVALID_REQUEST */
export function placesOf(request: Request<'subscribe'>, by: Principal): PlacesOf | undefined {
  const { view, board = '', bucket } = request;
  if (view === 'around') {
    const { player, above = NEIGHBOURS, below = NEIGHBOURS } = request;
    return { view, board, bucket, player: playerOf(by, player), above, below };
  }
  if (view !== 'players') return undefined;
  const players = request.players ?? [playerOf(by, undefined, 'players')];
  return { view, board, players, own: players.filter((player) => seesHidden(by, player)) };
}

/** Entries that the reply may hold: its share of the connection's budget of replies under way. */
export function weightOf(request: Request): number {
  switch (request.type) {
    case 'ticks':
      return request.ticks.length;
    case 'match.end':
      return 1 + request.finals.length;
    case 'top':
    case 'range':
      return request.limit;
    case 'subscribe':
      return Math.max(
        request.limit,
        request.players?.length ?? 0,
        1 + (request.above ?? 0) + (request.below ?? 0),
      );
    case 'around':
      return 1 + request.above + request.below;
    case 'rank':
      return request.players?.length ?? 1;
    default:
      return 1;
  }
}
