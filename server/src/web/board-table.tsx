/** The board as a table. Rows are keyed by player, so that a row is the same element wherever its player stands. */

import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import { Component, createRef, Fragment } from 'preact';
import type { Picture } from './live-state.ts';
import type { RankChange } from './rank-trail.ts';
import { RowMotion, seenTops, wantsMotion } from './row-motion.ts';
import { countText, fullTimeText, integerText, reachedText, scoreText } from './texts.ts';

export function BoardTable(props: { picture: Picture; title: string; scale: number; isStale: boolean }) {
  const { view, changes, now } = props.picture;
  if (!view) return null;
  return (
    <table class={props.isStale ? 'board stale' : 'board'}>
      <caption>
        <span class="visually-hidden">{props.title}: </span>
        {captionText(view.entries.length, view.total)}
      </caption>
      <thead>
        <tr>
          <th scope="col" class="rank">
            Rank
          </th>
          <th scope="col" class="change" title="Places moved in the last 10 seconds">
            <span class="visually-hidden">Change in 10 seconds</span>
            <span aria-hidden="true">±</span>
          </th>
          <th scope="col" class="player">
            Player
          </th>
          <th scope="col" class="score">
            Score
          </th>
          <th scope="col" class="reached">
            Reached
          </th>
        </tr>
      </thead>
      <Rows entries={view.entries} changes={changes} scale={props.scale} now={now} />
    </table>
  );
}

const captionText = (shown: number, total: number): string =>
  shown < total
    ? `Top ${integerText(shown)} of ${countText(total, 'player', 'players')}`
    : countText(total, 'player', 'players');

interface RowsProps {
  entries: readonly RankedEntry[];
  changes: ReadonlyMap<string, RankChange>;
  scale: number;
  now: number;
}

/** A class, because only a class is asked for a snapshot before its rows change. */
class Rows extends Component<RowsProps> {
  readonly #body = createRef<HTMLTableSectionElement>();
  readonly #motion = new RowMotion();

  override getSnapshotBeforeUpdate(before: RowsProps): Map<string, number> | null {
    const body = this.#body.current;
    return before.entries !== this.props.entries && body && wantsMotion() ? seenTops(body.rows) : null;
  }

  override componentDidUpdate(_before: RowsProps, _state: unknown, tops: Map<string, number> | null): void {
    const body = this.#body.current;
    if (tops && body) this.#motion.glide([...body.rows], tops);
  }

  render({ entries, changes, scale, now }: RowsProps) {
    return (
      <tbody ref={this.#body}>
        {entries.map((entry) => (
          <Row key={entry.player} entry={entry} change={changes.get(entry.player)} scale={scale} now={now} />
        ))}
      </tbody>
    );
  }
}

function Row(props: { entry: RankedEntry; change: RankChange | undefined; scale: number; now: number }) {
  const { rank, player, name, score, achievedAt } = props.entry;
  const reached = (
    <time dateTime={new Date(achievedAt).toISOString()} title={fullTimeText(achievedAt)}>
      {reachedText(achievedAt, props.now)}
    </time>
  );
  return (
    <tr data-player={player} class={rank <= 3 ? `place-${rank}` : undefined}>
      <td class="rank">
        <span class="place">{integerText(rank)}</span>
      </td>
      <td class="change">
        <Change change={props.change} />
      </td>
      <th scope="row" class="player">
        <Player id={player} name={name} />
      </th>
      <td class="score">
        <Score text={scoreText(score, props.scale)} />
        {/* On a narrow screen the time stands here and its column is gone: one of the two is never displayed. */}
        <span class="reached-below">{reached}</span>
      </td>
      <td class="reached">{reached}</td>
    </tr>
  );
}

/** A name is whatever somebody chose, and may be written from right to left: it is kept to itself, and the id stands beside it. */
function Player({ id, name }: { id: string; name: string | undefined }) {
  if (name === undefined) return <>{id}</>;
  return (
    <>
      <bdi class="name">{name}</bdi> <span class="player-id">{id}</span>
    </>
  );
}

/** Longer scores than this may break between their groups where the screen is narrow. */
const UNBROKEN_LENGTH_MAX = '999,999,999'.length;

function Score({ text }: { text: string }) {
  if (text.length <= UNBROKEN_LENGTH_MAX) return <>{text}</>;
  const groups = text.split(',');
  return (
    <>
      {groups.map((group, i) => (
        <Fragment key={groups.length - i}>
          {i < groups.length - 1 ? `${group},` : group}
          <wbr />
        </Fragment>
      ))}
    </>
  );
}

function Change({ change }: { change: RankChange | undefined }) {
  if (change === undefined) return null;
  if (change === 'new') return <span class="new">new</span>;
  const places = Math.abs(change);
  return (
    <span class={change > 0 ? 'up' : 'down'}>
      <span aria-hidden="true">{`${change > 0 ? '▲' : '▼'}${integerText(places)}`}</span>
      <span class="visually-hidden">{`${change > 0 ? 'up' : 'down'} ${integerText(places)}`}</span>
    </span>
  );
}
