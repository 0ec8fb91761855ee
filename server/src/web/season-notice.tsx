/** What to know about a season that is not simply open, or has nobody on its board yet. */
import type { BoardView } from '@photofinish/shared/client/board-view';

const STATE_TEXTS: Record<string, string> = {
  upcoming: 'This season has not begun.',
  closing: 'This season is closing: the last matches may still send their final scores.',
  closed: 'This season is closed. Its scores stand until it is settled.',
  settled: 'This season is settled: ranks and prizes are final.',
};

export function SeasonNotice({ view }: { view: BoardView }) {
  const text = STATE_TEXTS[view.state];
  const isEmpty = view.entries.length === 0;
  return (
    <>
      {text && <p class="notice season-notice">{text}</p>}
      {isEmpty && (
        <p class="notice empty">
          {view.state === 'open'
            ? 'Nobody is on this board yet. The first score will appear here by itself.'
            : 'Nobody was on this board.'}
        </p>
      )}
    </>
  );
}
