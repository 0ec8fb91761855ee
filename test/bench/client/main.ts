/** The client: one process, so that its processor time is its own. Told what to do by the bench. */
import { firstScore, playerId } from '../players.ts';
import { serve } from '../served.ts';
import { Audience } from './audience.ts';
import { FinalLane } from './final-lane.ts';
import { pace, saturate, type Window } from './load.ts';
import { type ClientSocket, openSockets, type Target } from './socket.ts';
import { Station } from './station.ts';
import { type Books, TickLane } from './tick-lane.ts';

const stations = new Map<string, Station>();
const books = new Map<string, Books>();
const finals = new Map<string, FinalLane[]>();
let idle: ClientSocket[] = [];
let audience: Audience | undefined;

function station(name: string): Station {
  const found = stations.get(name);
  if (!found) throw new Error(`${name} was not opened`);
  return found;
}

const newBooks = (players: number): Books => ({
  players: Array.from({ length: players }, (_, number) => playerId(number)),
  scores: Float64Array.from({ length: players }, (_, number) => firstScore(number)),
  // Past the seqs of whoever filled the season: it may have been the same writer.
  seqs: new Uint32Array(players).fill(1),
});

export interface OpenTicks {
  name: string;
  target: Target;
  connections: number;
  documentsPerFrame: number;
  board: string;
  players: number;
  /** Each reply is held against its tick; else it is only counted. */
  strict: boolean;
}

export const methods = serve({
  async openTicks(of: OpenTicks): Promise<void> {
    const own = newBooks(of.players);
    books.set(of.name, own);
    const share = Math.floor(of.players / of.connections);
    const opened = await Station.open({
      ...of,
      reads: of.strict,
      lane: (connection) =>
        new TickLane(own, {
          ...{ board: of.board, strict: of.strict, seed: 7_919 * (connection + 1) },
          ...{ first: connection * share, count: share },
        }),
    });
    stations.set(of.name, opened);
  },

  saturate: (of: { name: string; inFlight: number; window: Window }) =>
    saturate(station(of.name), of.inFlight, of.window),

  pace: (of: { name: string; perSecond: number; window: Window }) =>
    pace(station(of.name), of.perSecond, of.window),

  /** Scores by player number, as acknowledged. */
  scores: ({ name }: { name: string }): Float64Array => {
    const own = books.get(name);
    if (!own) throw new Error(`${name} has no books`);
    return own.scores;
  },

  async openFinals(of: {
    name: string;
    target: Target;
    matches: string[][];
    players: number;
  }): Promise<void> {
    const lanes = of.matches.map(
      (matches, lane) => new FinalLane(matches, { players: of.players, lane, lanes: of.matches.length }),
    );
    finals.set(of.name, lanes);
    const opened = await Station.open({
      ...{ target: of.target, connections: lanes.length, documentsPerFrame: 1 },
      lane: (connection) => lanes[connection] as FinalLane,
    });
    stations.set(of.name, opened);
  },

  finals: ({ name }: { name: string }) => (finals.get(name) ?? []).flatMap((lane) => lane.finals()),

  close({ name }: { name: string }): void {
    station(name).close();
    stations.delete(name);
  },

  async openIdle(of: { target: Target; count: number }): Promise<void> {
    idle = await openSockets(of.target, of.count);
  },

  closeIdle(_: object): void {
    for (const socket of idle) socket.close();
    idle = [];
  },

  async openAudience(of: { target: Target; count: number; request: string | undefined }): Promise<void> {
    audience = await Audience.open(of);
  },

  async listen({ window }: { window: Window }) {
    if (!audience) throw new Error('there is no audience');
    return audience.listen(window);
  },

  /** What each subscriber got last. */
  lastWords: (_: object): string[] => audience?.lastWords() ?? [],

  closeAudience(_: object): void {
    audience?.close();
    audience = undefined;
  },
});

export type ClientMethods = typeof methods;
