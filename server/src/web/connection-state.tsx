/** The connection in words, beside a mark whose shape differs too, not only its colour. */
import type { FeedConnection } from './live-state.ts';
import { clockText, countText } from './texts.ts';

export type ShownState = 'connecting' | 'live' | 'waiting' | 'ended' | 'paused';

export function connectionText(connection: FeedConnection, now: number): string {
  switch (connection.kind) {
    case 'connecting':
      return 'Connecting';
    case 'live':
      return 'Live';
    case 'waiting': {
      const seconds = Math.ceil((connection.retryAt - now) / 1_000);
      return seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting';
    }
    case 'ended':
      return 'Ended';
  }
}

export function ConnectionState(props: {
  connection: FeedConnection;
  paused: boolean;
  waiting: number;
  /** The page's own clock, for the countdown. */
  now: number;
  /** When the scores on show were current, where they no longer are. */
  staleSince: number | undefined;
  onReconnect: () => void;
}) {
  const { connection, paused, staleSince } = props;
  const shown: ShownState = paused ? 'paused' : connection.kind;
  return (
    <div class="connection">
      <p class={`state state-${shown}`}>
        <span class="mark" aria-hidden="true" />
        <span class="state-text">{paused ? 'Paused' : connectionText(connection, props.now)}</span>
      </p>
      <div class="state-more">
        {paused && `${countText(props.waiting, 'update waits', 'updates wait')}. `}
        {paused && connection.kind !== 'live' && `${connectionText(connection, props.now)}. `}
        {!paused && connection.kind === 'ended' && `${sentence(connection.reason)} `}
        {!paused && staleSince !== undefined && `Scores as of ${clockText(staleSince)}.`}
      </div>
      {connection.kind === 'ended' && (
        <button type="button" onClick={props.onReconnect}>
          Connect again
        </button>
      )}
    </div>
  );
}

const sentence = (reason: string): string =>
  reason === ''
    ? 'The server closed the connection.'
    : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
