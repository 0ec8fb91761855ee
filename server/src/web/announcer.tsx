/** What a screen reader is told unasked: who leads, and whether the board is live. Never the ticks between. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FeedConnection, Picture } from './live-state.ts';
import { scoreText } from './texts.ts';

/** A lead that changes hands faster than this is told once, as it stands then. */
const LEADER_SETTLE_MS = 2_000;
/** A reconnect that takes less is not worth a word. */
const CONNECTION_SETTLE_MS = 1_500;

const CONNECTION_TEXTS: Record<FeedConnection['kind'], string> = {
  connecting: 'Connecting.',
  live: 'The board is live.',
  waiting: 'Connection lost. Reconnecting.',
  ended: 'The connection has ended.',
};

/** A message stays beside the next ones: one that were replaced at once might never be read out. */
const MESSAGES_MAX = 3;

interface Message {
  key: number;
  text: string;
}

/** The value once it has stayed the same for `ms`. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function Announcer(props: {
  picture: Picture;
  scale: number;
  connection: FeedConnection;
  paused: boolean;
}) {
  const leader = useSettled(props.picture.view?.entries[0]?.player, LEADER_SETTLE_MS);
  const connection = useSettled(props.connection.kind, CONNECTION_SETTLE_MS);
  const [said, setSaid] = useState<readonly Message[]>([]);
  const say = (text: string) =>
    setSaid((before) => [...before, { key: (before.at(-1)?.key ?? 0) + 1, text }].slice(-MESSAGES_MAX));
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const first = latest.current.picture.view?.entries[0];
    if (leader !== undefined && first?.player === leader)
      say(`${first.name ?? leader} leads with ${scoreText(first.score, latest.current.scale)}.`);
  }, [leader]);
  useEffect(() => {
    if (connection !== 'connecting') say(CONNECTION_TEXTS[connection]);
  }, [connection]);
  const wasPaused = useRef(false);
  useEffect(() => {
    if (props.paused) say('Paused.');
    else if (wasPaused.current) say(`Going on. ${CONNECTION_TEXTS[latest.current.connection.kind]}`);
    wasPaused.current = props.paused;
  }, [props.paused]);

  return (
    <div
      class="visually-hidden"
      role="status"
      aria-live="polite"
      aria-atomic="false"
      aria-relevant="additions"
    >
      {said.map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
}
