/** Hands acked ticks to redo before their caller hears of it. */
import { Fault } from '../protocol/errors.ts';
import type { Reply } from '../protocol/replies.ts';
import type { RequestBody, RequestType } from '../protocol/requests.ts';
import type { Answered } from './in-flight.ts';
import type { TickBody } from './kept-ticks.ts';
import type { Redo } from './redo.ts';

/** Requests whose answers redo must hear. */
export const KEPT: ReadonlySet<RequestType> = new Set(['tick', 'ticks', 'match.start']);

/** @param body with the seqs that were sent */
export const keeping =
  <T extends RequestType>(redo: Redo, type: T, body: object, answered: Answered<T>): Answered<T> =>
  (answer) => {
    if (!(answer instanceof Fault)) {
      if (type === 'match.start') redo.started(answer as Reply<'match.start'>);
      else if (type === 'tick') keepOne(redo, body as TickBody, answer as Reply<'tick'>);
      else keepAll(redo, body as RequestBody<'ticks'>, answer as Reply<'ticks'>);
    }
    answered(answer);
  };

/** What is in Postgres already is not kept. */
function keepOne(redo: Redo, body: TickBody, answer: Reply<'tick'>): void {
  if (answer.ack !== 'database') redo.acked(body, answer);
}

function keepAll(
  redo: Redo,
  { match, board, ticks }: RequestBody<'ticks'>,
  { ack, epoch, version, results }: Reply<'ticks'>,
): void {
  if (ack === 'database' || !Array.isArray(results)) return;
  const target = match === undefined ? { board } : { match };
  for (const [i, result] of results.entries()) {
    const tick = ticks[i];
    if (tick && 'score' in result)
      redo.acked({ ...target, ...tick } as TickBody, { score: result.score, epoch, version });
  }
}
