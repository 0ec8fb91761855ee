/** What the page knows and what it shows. Pure: (state, event) -> state.
 *
 *  `latest` follows the server always. `shown` follows `latest` unless the page is paused: then it stands still, all of it
 *  (table, window, times), and the changes that went by are counted. */
import type { BoardView } from '@photofinish/shared/client/board-view';
import { changesSince, extendTrail, type RankChange, type RankTrail } from './rank-trail.ts';

export type FeedConnection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Comes back by itself at `retryAt`, in milliseconds of the page's clock. */
  | { kind: 'waiting'; retryAt: number }
  /** Does not come back by itself. */
  | { kind: 'ended'; reason: string };

export interface WindowReading {
  /** Entries in Redis and not yet in Postgres. */
  dirty: number;
  oldestDirtyMs: number;
}

export interface Picture {
  view: BoardView | undefined;
  window: WindowReading | undefined;
  changes: ReadonlyMap<string, RankChange>;
  /** The server's clock as the page reckons it: what "10 s ago" is counted from. */
  now: number;
}

export interface LiveState {
  connection: FeedConnection;
  latest: Picture;
  shown: Picture;
  paused: boolean;
  /** Changes of the board that came in since the page was paused. */
  waiting: number;
  /** The picture on show is not yet of what was asked for: the next view is shown even while paused. */
  isOwed: boolean;
  /** When the connection was last live, where it no longer is: how old the scores are. */
  liveUntil: number | undefined;
  trail: RankTrail;
}

export type LiveEvent =
  | { type: 'connection'; connection: FeedConnection; now: number }
  | { type: 'view'; view: BoardView; now: number }
  | { type: 'window'; window: WindowReading; now: number }
  | { type: 'clock'; now: number }
  | { type: 'pause'; paused: boolean; now: number }
  /** Something else was asked for: another board, or (`keepsView`) more or fewer rows of the same. */
  | { type: 'asked'; keepsView: boolean; now: number };

const picture = (now: number): Picture => ({ view: undefined, window: undefined, changes: new Map(), now });

export const initialState = (now: number): LiveState => ({
  connection: { kind: 'connecting' },
  latest: picture(now),
  shown: picture(now),
  paused: false,
  waiting: 0,
  isOwed: true,
  liveUntil: undefined,
  trail: [],
});

export function reduce(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'connection':
      return connected(state, event.connection, event.now);
    case 'view':
      return received(state, event.view, event.now);
    case 'window':
      return measured(state, event.window, event.now);
    case 'clock':
      return show(looked(state, event.now));
    case 'pause':
      if (event.paused === state.paused) return state;
      return { ...show(looked({ ...state, paused: false }, event.now)), paused: event.paused, waiting: 0 };
    case 'asked':
      return asked(state, event.keepsView, event.now);
  }
}

const show = (state: LiveState): LiveState => (state.paused ? state : { ...state, shown: state.latest });

function connected(state: LiveState, connection: FeedConnection, now: number): LiveState {
  if (connection.kind === 'live') return { ...state, connection, liveUntil: undefined };
  const liveUntil = state.connection.kind === 'live' ? now : state.liveUntil;
  return { ...state, connection, liveUntil };
}

function received(state: LiveState, view: BoardView, now: number): LiveState {
  const before = state.latest.view;
  const trail = before && before.season !== view.season ? [] : state.trail;
  const next = looked({ ...state, trail, latest: { ...state.latest, view, now }, isOwed: false }, now);
  if (!state.paused) return show(next);
  if (state.isOwed) return { ...next, shown: next.latest };
  const isNews =
    before?.season !== view.season ||
    before.state !== view.state ||
    before.epoch !== view.epoch ||
    before.version !== view.version;
  return { ...next, waiting: state.waiting + (isNews ? 1 : 0) };
}

function measured(state: LiveState, window: WindowReading, now: number): LiveState {
  const next = show({ ...state, latest: { ...state.latest, window, now } });
  // A board that was chosen while paused has no reading to hold on to yet.
  return next.shown.window ? next : { ...next, shown: { ...next.shown, window } };
}

function asked(state: LiveState, keepsView: boolean, now: number): LiveState {
  const blank = picture(now);
  return {
    ...state,
    latest: keepsView ? state.latest : blank,
    shown: keepsView ? state.shown : blank,
    waiting: 0,
    isOwed: true,
    trail: [],
  };
}

/** The latest picture as of `now`: old changes fade, times grow. */
function looked(state: LiveState, now: number): LiveState {
  const entries = state.latest.view?.entries;
  if (!entries) return { ...state, latest: { ...state.latest, now } };
  const trail = extendTrail(state.trail, entries, now);
  return { ...state, trail, latest: { ...state.latest, changes: changesSince(trail, entries), now } };
}
