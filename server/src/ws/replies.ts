/** The text of replies. Ticks and finals are put together by hand: every part is a number, a boolean or an id whose characters need no
 *  escape, and a test holds the result to `replySchemas`. */
import type { Fault } from '@photofinish/shared/protocol/errors';
import { faultFields } from '@photofinish/shared/protocol/errors';
import type { FinalAnswer } from '../board/finals.ts';
import type { TickOutcome } from '../board/live-board.ts';
import type { Acked } from '../board/tick-acks.ts';
import type { ToldPlace } from '../board/told-place.ts';
import type { RequestId } from './request-error.ts';

const idText = (id: RequestId | null): string =>
  typeof id === 'string' ? `"${id}"` : id === null ? 'null' : String(id);

const rankText = ({ rank, hidden, bucket, bucketRank }: TickOutcome): string => {
  const text = hidden ? 'null,"hidden":true' : String(rank);
  return bucket === undefined
    ? text
    : `${text},"bucket":"${bucket}","bucketRank":${hidden ? 'null' : bucketRank}`;
};

/** What an applied tick did, without the braces. */
export function tickFields(outcome: TickOutcome): string {
  const { previousRank, score, previousScore, improved, columns, repeat } = outcome;
  const text = `"rank":${rankText(outcome)},"previousRank":${previousRank || 'null'},"score":${score},"previousScore":${previousScore ?? 'null'}${improved ? ',"improved":true' : ',"improved":false'}`;
  if (!columns && !repeat) return text;
  return `${text}${columns ? `,"columns":${JSON.stringify(columns)}` : ''}${repeat ? ',"repeat":true' : ''}`;
}

/** The answers of one batch share their position, and so these parts of their text (`ack.single`). */
let lastPosition: Acked | undefined;
let headText = '';
let tailText = '';

export function tickReply(id: RequestId | null, outcome: TickOutcome, position: Acked): string {
  if (position !== lastPosition) {
    lastPosition = position;
    headText = `,"ack":"${position.ack}",`;
    tailText = `,"epoch":${position.epoch},"version":${position.version}}`;
  }
  return `{"type":"ok","id":${idText(id)}${headText}${tickFields(outcome)}${tailText}`;
}

/** Of one final. Its columns are put in as they came, which the schema has checked. */
export function finalReply(id: RequestId | null, answer: FinalAnswer): string {
  const { player, score, confirmed, duplicate, live } = answer;
  const text = `{"type":"ok","id":${idText(id)},"ack":"database","player":"${player}","score":${score},"confirmed":${confirmed},"duplicate":${duplicate},"live":"${live}"`;
  const { columns } = answer;
  return `${text}${placeText(answer)}${columns ? `,"columns":${JSON.stringify(columns)}` : ''}}`;
}

/** Nothing while the place is not known. */
function placeText(place: Partial<ToldPlace>): string {
  const { rank, hidden, bucket, bucketRank, previousRank, previousScore, improved } = place;
  if (rank === undefined) return '';
  const text = `,"rank":${rank},"previousRank":${previousRank},"previousScore":${previousScore},"improved":${improved}`;
  if (!hidden && bucket === undefined) return text;
  return `${text}${hidden ? ',"hidden":true' : ''}${bucket === undefined ? '' : `,"bucket":"${bucket}","bucketRank":${bucketRank}`}`;
}

export const okReply = (id: RequestId | null, body: object): string =>
  JSON.stringify({ type: 'ok', id, ...body });

/** @param fields JSON members without braces, as shared by many replies */
export const sharedReply = (id: RequestId | null, own: string, fields: string): string =>
  `{"type":"ok","id":${idText(id)},${own},${fields}}`;

export const errorReply = (id: RequestId | null, fault: Fault): string =>
  JSON.stringify({ type: 'error', id, ...faultFields(fault) });
