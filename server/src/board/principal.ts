/** Who speaks, as a verified token says, and what that lets them do. Boards narrow it further. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';

export const ROLES = ['player', 'server', 'admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  /** Token subject: the player's own id for players, the writer's name for game servers. */
  sub: string;
  role: Role;
  /** Of a player: whose buckets the player comes into, on boards with buckets by key. */
  bucketKey?: string;
  /** Milliseconds when the token ends; the connection ends with it. */
  expiresAt: number;
}

/** Whether it is told that the player is hidden, and with what score: the player itself, servers and admins. */
export const seesHidden = (principal: Principal | undefined, player: string): boolean =>
  principal !== undefined &&
  (principal.role === 'server' || principal.role === 'admin' || principal.sub === player);

/** The player that a request is about: the one named, or a player's own. @param field where it is named @throws Fault INVALID_REQUEST, FORBIDDEN */
export function playerOf(
  principal: Principal,
  named: string | undefined,
  field: 'player' | 'players' = 'player',
): string {
  if (named !== undefined) return named;
  if (principal.role === 'player') return principal.sub;
  throw new Fault('INVALID_REQUEST', `${field}: it is missing, and only a player token may leave it out`, {
    field,
    limit: 'left out by player tokens only',
    fix: `send ${field}`,
  });
}

/** @throws Fault FORBIDDEN unless the principal may send this kind of score for this player on this board */
export function mayWrite(principal: Principal, board: Board, kind: 'ticks' | 'finals', player: string): void {
  const { role, sub } = principal;
  if (role !== 'player' && role !== 'server')
    throw new Fault('FORBIDDEN', `a ${role} token cannot send scores; use a player or server token`, {
      fix: 'use a player or server token',
    });
  if (!board[kind].writers.includes(role))
    throw new Fault(
      'FORBIDDEN',
      `board ${board.id} takes ${kind} from: ${board[kind].writers.join(', ') || 'nobody'}; this is a ${role} token`,
      {
        limit: `${kind} from: ${board[kind].writers.join(', ') || 'nobody'}`,
        fix: `use a token of a role that the board lets send ${kind}`,
      },
    );
  if (role === 'player' && player !== sub)
    throw new Fault('FORBIDDEN', `player: a player token may only send scores of its own player, ${sub}`, {
      field: 'player',
      limit: `only ${sub}`,
      fix: 'leave player out, or use a server token',
    });
}

/** The key of the buckets that a player comes into with a first score: named by a game server, or by who made the player's token. A player
 *  who could name it would choose the opponents. @throws Fault INVALID_REQUEST, FORBIDDEN */
export function bucketKeyOf(
  { role, bucketKey }: Principal,
  board: Board,
  named: string | undefined,
): string | undefined {
  if (board.buckets?.by !== 'key') {
    if (named === undefined) return undefined;
    throw new Fault('INVALID_REQUEST', `bucketKey: board ${board.id} has no buckets by key; leave it out`, {
      field: 'bucketKey',
      limit: 'boards with buckets by key',
      fix: 'leave bucketKey out',
    });
  }
  if (role !== 'player') return named;
  if (named === undefined) return bucketKey;
  throw new Fault('FORBIDDEN', "bucketKey: a player's comes from the token; leave it out", {
    field: 'bucketKey',
    limit: 'server tokens',
    fix: 'leave bucketKey out, and have it put into the token',
  });
}

/** @throws Fault FORBIDDEN unless the principal runs matches */
export function mayRunMatches(principal: Principal): void {
  if (principal.role !== 'server')
    throw new Fault(
      'FORBIDDEN',
      `a ${principal.role} token cannot start or end matches; use a server token`,
      {
        fix: 'use a server token',
      },
    );
}

/** @throws Fault FORBIDDEN unless the principal may read this board */
export function mayRead(principal: Principal, board: Board): void {
  if (board.visibility === 'private' && principal.role === 'viewer')
    throw new Fault('FORBIDDEN', `board: ${board.id} is private, and a viewer token may not read it`, {
      field: 'board',
      limit: 'tokens of role player, server or admin',
      fix: 'use a token of another role',
    });
}
