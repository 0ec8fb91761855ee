/** The text of replies. Ticks are put together by hand: every part is a number, a boolean or an id whose characters need no
 *  escape, and a test holds the result to `replySchemas`. */
import type { Fault } from '@photofinish/shared/protocol/errors';
import { faultFields } from '@photofinish/shared/protocol/errors';
import type { TickOutcome } from '../board/live-board.ts';
import type { Acked } from '../board/tick-acks.ts';
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
export const tickFields = (outcome: TickOutcome): string =>
  `"rank":${rankText(outcome)},"previousRank":${outcome.previousRank || 'null'},"score":${outcome.score},"previousScore":${outcome.previousScore ?? 'null'},"improved":${outcome.improved}${outcome.columns ? `,"columns":${JSON.stringify(outcome.columns)}` : ''}${outcome.repeat ? ',"repeat":true' : ''}`;

export const tickReply = (id: RequestId | null, outcome: TickOutcome, position: Acked): string =>
  `{"type":"ok","id":${idText(id)},"ack":"${position.ack}",${tickFields(outcome)},"epoch":${position.epoch},"version":${position.version}}`;

export const okReply = (id: RequestId | null, body: object): string =>
  JSON.stringify({ type: 'ok', id, ...body });

/** @param fields JSON members without braces, as shared by many replies */
export const sharedReply = (id: RequestId | null, own: string, fields: string): string =>
  `{"type":"ok","id":${idText(id)},${own},${fields}}`;

export const errorReply = (id: RequestId | null, fault: Fault): string =>
  JSON.stringify({ type: 'error', id, ...faultFields(fault) });
