/** One board, live. */

import type { BoardView } from '@photofinish/shared/client/board-view';
import type { Board } from '@photofinish/shared/domain/board';
import { useEffect } from 'preact/hooks';
import type { Place } from './address.ts';
import { Announcer } from './announcer.tsx';
import { BoardTable } from './board-table.tsx';
import { ConnectionState } from './connection-state.tsx';
import { PauseButton, RowChoice } from './controls.tsx';
import type { WindowReading } from './live-state.ts';
import { SeasonNotice } from './season-notice.tsx';
import type { ServerApi } from './server-api.ts';
import { countText } from './texts.ts';
import type { TokenKeeper } from './token-keeper.ts';
import { useLiveBoard } from './use-live-board.ts';
import { useSeason } from './use-season.ts';
import { useSpaceBar } from './use-space-bar.ts';
import { WindowMeter } from './window-meter.tsx';

export interface Session {
  api: ServerApi;
  keeper: TokenKeeper;
  onTokenNeeded: () => void;
}

export function LivePage(props: {
  session: Session;
  board: Board;
  rows: number;
  onPlace: (place: Partial<Place>) => void;
}) {
  const { session, board, rows } = props;
  const { state, dispatch, fault, now, reconnect } = useLiveBoard(session, board.id, rows);
  const { shown, paused, connection } = state;
  const season = useSeason(session.api, shown.view?.season);
  const pause = (next: boolean) => dispatch({ type: 'pause', paused: next, now: now() });
  useSpaceBar(() => pause(!paused));
  useEffect(() => {
    document.title = `${board.title} · Photofinish`;
  }, [board.title]);
  const isStale = state.liveUntil !== undefined;

  return (
    <main id="main" tabIndex={-1} class="live">
      <header class="board-head">
        <h1>{board.title}</h1>
        <p class="facts">{factsText(shown.view, season?.number)}</p>
      </header>
      <section class="bar" aria-label="View">
        <ConnectionState
          connection={connection}
          paused={paused}
          waiting={state.waiting}
          now={Date.now()}
          staleSince={shown.view ? state.liveUntil : undefined}
          onReconnect={reconnect}
        />
        <div class="view-controls">
          <RowChoice rows={rows} onRows={(next) => props.onPlace({ rows: next })} />
          <PauseButton paused={paused} onPause={pause} />
        </div>
      </section>
      <WindowMeter
        reading={shown.window ?? settledReading(shown.view)}
        board={board}
        remark={windowRemark(paused, isStale)}
      />
      <section class="standings" aria-label="Standings">
        {fault !== undefined && (
          <p class="notice error" role="alert">
            The server does not show this board: {fault}
          </p>
        )}
        {shown.view && <SeasonNotice view={shown.view} />}
        {!shown.view && fault === undefined && <p class="notice">Waiting for the board.</p>}
        {shown.view && shown.view.entries.length > 0 && (
          <BoardTable picture={shown} title={board.title} scale={board.scale} isStale={isStale} />
        )}
      </section>
      <Announcer picture={shown} scale={board.scale} connection={connection} paused={paused} />
    </main>
  );
}

function factsText(view: { state: string; total: number } | undefined, season: number | undefined): string {
  if (!view) return ' ';
  const entries = countText(view.total, 'entry', 'entries');
  return `Season ${season === undefined ? '' : `${season}, `}${view.state} · ${entries}`;
}

/** What a reading is worth that is not of now. */
/** A season is settled out of Postgres alone, and then has nothing in Redis that could be measured. */
const settledReading = (view: BoardView | undefined): WindowReading | undefined =>
  view?.state === 'settled' ? { dirty: 0, oldestDirtyMs: 0 } : undefined;

function windowRemark(paused: boolean, isStale: boolean): string | undefined {
  if (paused) return 'Held while paused.';
  return isStale ? 'As last told: the connection is lost.' : undefined;
}
