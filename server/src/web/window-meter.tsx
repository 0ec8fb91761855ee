/** The consistency window: how much could be lost right now, in words and as a race between the oldest unsaved score and the
 *  line at which the next flush should have caught it. */
import type { Board } from '@photofinish/shared/domain/board';
import type { WindowReading } from './live-state.ts';
import { countText, durationText, intervalText } from './texts.ts';

/** The track is twice as long as the flush interval: the line stands in the middle, and there is room to be late. */
const TRACK_INTERVALS = 2;
/** A flush is spread over half an interval: a window this much past it is an ordinary one. */
const LATE_FACTOR = 1.75;

export function WindowMeter(props: {
  reading: WindowReading | undefined;
  board: Board;
  remark: string | undefined;
}) {
  const { reading, board, remark } = props;
  const { intervalMs } = board.flush;
  const isLate = (reading?.oldestDirtyMs ?? 0) > intervalMs * LATE_FACTOR;
  const share = Math.min(1, (reading?.oldestDirtyMs ?? 0) / (intervalMs * TRACK_INTERVALS));
  return (
    <section class="window" aria-labelledby="window-title">
      <h2 id="window-title">Consistency window</h2>
      <Words reading={reading} />
      <div class={isLate ? 'track late' : 'track'} aria-hidden="true">
        <div class="bar-run" style={{ transform: `scaleX(${share.toFixed(4)})` }} />
        <div class="line" />
      </div>
      <p class="line-label">
        {isLate
          ? `Past the usual flush of every ${intervalText(intervalMs)}: the database is behind.`
          : `The line: a flush every ${intervalText(intervalMs)}`}
      </p>
      {remark !== undefined && <p class="line-label">{remark}</p>}
      <details>
        <summary>What could be lost right now?</summary>
        <p>{riskText(reading, board)}</p>
      </details>
    </section>
  );
}

function Words({ reading }: { reading: WindowReading | undefined }) {
  if (!reading) return <p class="window-words">Not measured yet.</p>;
  if (reading.dirty === 0) return <p class="window-words">Every score is in Postgres.</p>;
  const { dirty, oldestDirtyMs } = reading;
  return (
    <p class="window-words">
      Oldest score not yet in Postgres:{' '}
      <span>
        {durationText(oldestDirtyMs)} old; {countText(dirty, 'entry', 'entries')}.
      </span>
    </p>
  );
}

function riskText(reading: WindowReading | undefined, board: Board): string {
  const flow = `Scores sent while playing are ranked in Redis at once and copied to Postgres every ${intervalText(board.flush.intervalMs)}.`;
  const risk =
    !reading || reading.dirty === 0
      ? 'When both agree, as after each copy, a loss of Redis costs nothing.'
      : `If Redis lost its memory now, ${countText(reading.dirty, 'entry', 'entries')} could fall back by what was scored in the last ${durationText(reading.oldestDirtyMs)}, unless a game or server that is still running sends it again.`;
  const finals =
    board.kind === 'match'
      ? ' Final scores of matches are not at risk: Postgres has them before they are confirmed.'
      : '';
  return `${flow} ${risk}${finals}`;
}
