/** Follows one board over one connection, and keeps the page's clock going. */
import { type Dispatch, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { socketUrlOf } from './address.ts';
import { LiveFeed } from './live-feed.ts';
import { initialState, type LiveEvent, type LiveState, reduce } from './live-state.ts';
import type { ServerApi } from './server-api.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** Times on the page are in steps of a second or more. */
const CLOCK_MS = 1_000;
/** A single one may be a server that is just starting. */
const REFUSALS_SURE = 2;

export interface LiveBoard {
  state: LiveState;
  dispatch: Dispatch<LiveEvent>;
  /** Why the server does not give the board, where it does not. */
  fault: string | undefined;
  /** The server's clock. */
  now: () => number;
  /** Begins again after the connection ended for good. */
  reconnect: () => void;
}

export function useLiveBoard(
  session: { api: ServerApi; keeper: TokenKeeper; onTokenNeeded: () => void },
  board: string,
  rows: number,
): LiveBoard {
  const [state, dispatch] = useReducer(reduce, Date.now(), initialState);
  const [fault, setFault] = useState<string>();
  const [round, setRound] = useState(0);
  const [feed, setFeed] = useState<LiveFeed>();
  const { api, keeper } = session;
  const latest = useRef(session);
  latest.current = session;

  useEffect(() => {
    const now = () => opened.now();
    const opened: LiveFeed = new LiveFeed(
      { url: socketUrlOf(document.baseURI), token: () => keeper.token() },
      {
        connection: (connection) => dispatch({ type: 'connection', connection, now: now() }),
        view: (view) => dispatch({ type: 'view', view, now: now() }),
        window: (window) => dispatch({ type: 'window', window, now: now() }),
        fault: setFault,
        turnedAway: async (times, hasExpired) => {
          const isRefused = async () => hasExpired || (times >= REFUSALS_SURE && (await answers(api)));
          if (await keeper.doubt(isRefused)) latest.current.onTokenNeeded();
        },
      },
    );
    setFeed(opened);
    dispatch({ type: 'connection', connection: { kind: 'connecting' }, now: Date.now() });
    const clock = setInterval(() => dispatch({ type: 'clock', now: now() }), CLOCK_MS);
    return () => {
      clearInterval(clock);
      opened.stop();
    };
  }, [api, keeper, round]);

  const followed = useRef<string>();
  useEffect(() => {
    if (!feed) return;
    setFault(undefined);
    dispatch({ type: 'asked', keepsView: followed.current === board, now: feed.now() });
    followed.current = board;
    feed.follow(board, rows);
  }, [feed, board, rows]);

  return {
    state,
    dispatch,
    fault,
    now: () => feed?.now() ?? Date.now(),
    reconnect: () => setRound((before) => before + 1),
  };
}

/** Whether the server answers requests while it opens no connection: then it is the token, as far as a page can tell. */
async function answers(api: ServerApi): Promise<boolean> {
  try {
    await api.boards();
    return true;
  } catch {
    return false;
  }
}
