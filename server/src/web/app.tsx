/** From the address to a board: which one, or why there is none to show. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { type Place, placeOf, searchOf } from './address.ts';
import { BoardChoice } from './controls.tsx';
import { LivePage } from './live-page.tsx';
import { LossNotice } from './loss-notice.tsx';
import { ServerApi } from './server-api.ts';
import { TokenForm } from './token-form.tsx';
import { TokenKeeper } from './token-keeper.ts';
import { type Boards, useBoards } from './use-boards.ts';

export function App() {
  const [place, setPlace] = usePlace();
  const [round, setRound] = useState(0);
  const api = useMemo(() => new ServerApi(), []);
  const keeper = useMemo(() => new TokenKeeper(() => api.mintViewerToken(), Date.now), [api]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  const boards = useBoards(api, keeper, round);
  const list = boards.kind === 'loaded' ? boards.boards : [];
  const board = place.board === undefined ? list[0] : list.find((one) => one.id === place.board);

  return (
    <>
      <a class="skip" href="#main">
        Skip to the board
      </a>
      <header class="top">
        <a class="brand" href="./">
          Photofinish
        </a>
        {list.length > 0 && (
          <BoardChoice
            boards={list}
            board={board?.id ?? place.board}
            onBoard={(next) => setPlace({ board: next })}
          />
        )}
      </header>
      {boards.kind === 'loaded' && <LossNotice reasons={boards.lossAccepted} />}
      {board ? (
        <LivePage
          session={{ api, keeper, onTokenNeeded: again }}
          board={board}
          rows={place.rows}
          onPlace={setPlace}
        />
      ) : (
        <main id="main" tabIndex={-1}>
          {boards.kind === 'token-needed' ? (
            <TokenForm
              wasRefused={boards.wasRefused}
              onToken={(token) => {
                keeper.give(token);
                again();
              }}
            />
          ) : (
            <Nothing boards={boards} asked={place.board} />
          )}
        </main>
      )}
    </>
  );
}

function Nothing({ boards, asked }: { boards: Boards; asked: string | undefined }) {
  if (boards.kind === 'unreachable')
    return (
      <p class="notice error" role="alert">
        {boards.message} The page asks again by itself.
      </p>
    );
  if (boards.kind === 'loaded' && boards.boards.length > 0)
    return (
      <p class="notice error" role="alert">
        There is no board <code>{asked}</code> here. Choose another above.
      </p>
    );
  if (boards.kind === 'loaded')
    return (
      <div class="notice empty">
        <h1>No boards yet</h1>
        <p>
          An admin makes one with <code>POST /v1/admin/boards</code>, or the server reads them from its boards
          file at start. This page notices by itself.
        </p>
      </div>
    );
  return <p class="notice">Looking for boards.</p>;
}

/** The place that the address names. Going back goes back to the board before. */
function usePlace(): [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState(() => placeOf(location.search));
  useEffect(() => {
    const moved = () => setPlace(placeOf(location.search));
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  const change = (next: Partial<Place>) => {
    const moved = { ...place, ...next };
    history.pushState(null, '', `${location.pathname}${searchOf(location.search, moved)}`);
    setPlace(moved);
  };
  return [place, change];
}
