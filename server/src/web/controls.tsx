/** What a person can set: the board, the number of rows, and whether the view moves. */
import type { Board } from '@photofinish/shared/domain/board';
import { ROW_CHOICES } from './address.ts';

export function BoardChoice(props: {
  boards: readonly Board[];
  board: string | undefined;
  onBoard: (board: string) => void;
}) {
  const isListed = props.boards.some((board) => board.id === props.board);
  return (
    <label class="choice">
      <span>Board</span>
      <select value={props.board ?? ''} onChange={(event) => props.onBoard(event.currentTarget.value)}>
        {!isListed && <option value={props.board ?? ''}>Choose a board</option>}
        {props.boards.map((board) => (
          <option key={board.id} value={board.id}>
            {board.title}
          </option>
        ))}
      </select>
    </label>
  );
}

export function RowChoice(props: { rows: number; onRows: (rows: number) => void }) {
  return (
    <label class="choice">
      <span>Rows</span>
      <select value={props.rows} onChange={(event) => props.onRows(Number(event.currentTarget.value))}>
        {ROW_CHOICES.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A pressed button keeps its name: that it is pressed says the rest. */
export function PauseButton(props: { paused: boolean; onPause: (paused: boolean) => void }) {
  return (
    <button
      type="button"
      class="pause"
      aria-pressed={props.paused}
      aria-keyshortcuts="Space"
      title={props.paused ? 'Go on (space bar)' : 'Hold the view (space bar)'}
      onClick={() => props.onPause(!props.paused)}
    >
      <span class="pause-mark" aria-hidden="true" />
      Pause
    </button>
  );
}
