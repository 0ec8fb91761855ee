/** Connections for all players and the game server, opened a few at a time. */
import { Client, type ClientOptions } from '@photofinish/shared/client/client';
import { Fault } from '@photofinish/shared/protocol/errors';
import { WebSocket } from 'ws';
import type { Rules } from '../books/operators.ts';
import type { Chance } from '../chance.ts';
import { inParallel } from '../in-parallel.ts';
import type { Options } from '../options.ts';
import { Stop } from '../stop.ts';
import { mintToken, type Role } from '../tokens.ts';
import { Player } from './player.ts';
import type { Bounds } from './walk.ts';

const CONNECTING_AT_ONCE = 64;
const CONNECT_WITHIN_MS = 60_000;
/** Longer than a server's restart: what a killed server left unanswered is asked of the next one. */
const REQUEST_TIMEOUT_MS = 45_000;
const HOST_IN_FLIGHT_MAX = 20_000;
const PLAYER_IN_FLIGHT_MAX = 5_000;
/** Reconnects to a server that is down come every few seconds at most, and each may cost one sending. */
const SENDS_MAX = 20;
const TOKEN_GRACE_S = 3_600;

const openSocket = (url: string, protocols: string[]) =>
  new WebSocket(url, protocols, { perMessageDeflate: false });

export async function connectHost(options: Options): Promise<Client> {
  const client = await connect(options, 'server', 'sim-host', HOST_IN_FLIGHT_MAX);
  await opened([client]);
  return client;
}

export async function connectPlayers(
  options: Options,
  rules: Rules & { bounds: Bounds },
  chance: Chance,
): Promise<Player[]> {
  const width = String(options.players).length;
  const ids = Array.from(
    { length: options.players },
    (_, i) => `player-${String(i + 1).padStart(width, '0')}`,
  );
  return inParallel(ids, CONNECTING_AT_ONCE, async (id) => {
    const client = await connect(options, 'player', id, PLAYER_IN_FLIGHT_MAX);
    await opened([client]);
    return new Player(id, client, chance.fork(id), rules);
  });
}

async function connect(options: Options, role: Role, sub: string, inFlightMax: number): Promise<Client> {
  const token = await mintToken(options.token, role, sub, options.seconds + TOKEN_GRACE_S);
  const settings: ClientOptions = {
    url: `${options.url.replace(/^http/, 'ws')}/v1/ws`,
    token,
    openSocket,
    inFlightMax,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    sendsMax: SENDS_MAX,
    backoff: { baseMs: 200, capMs: 2_000 },
  };
  return new Client(settings);
}

async function opened(clients: readonly Client[]): Promise<void> {
  const late = setTimeout(() => {
    for (const client of clients) client.close();
  }, CONNECT_WITHIN_MS);
  try {
    await Promise.all(clients.map((client) => client.opened()));
  } catch (error) {
    throw error instanceof Fault ? new Stop(error.message) : error;
  } finally {
    clearTimeout(late);
  }
}
