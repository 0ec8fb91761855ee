/** Gathers the answers of one `ticks` request into its one reply, in request order. */
import { type Fault, faultFields } from '@photofinish/shared/protocol/errors';
import type { Ack } from '@photofinish/shared/protocol/replies';
import type { TickOutcome } from '../board/live-board.ts';
import type { Acked } from '../board/tick-acks.ts';
import type { TickSink } from '../board/tick-intake.ts';
import { sharedReply, tickFields } from './replies.ts';
import type { RequestId } from './request-error.ts';
import { tickRefusal } from './tick-refusal.ts';

/** A sink whose tickets are the items' places in the request. */
export class TicksReply implements TickSink {
  readonly #id: RequestId;
  readonly #players: readonly string[];
  readonly #done: (text: string) => void;
  readonly #results: string[];
  #missing: number;
  /** Of the last batch that took a part; 0 and 0 when none of the items was applied. */
  #epoch = 0;
  #version = 0;
  /** Of a board, so that of one item is that of all. */
  #ack: Ack = 'cache';

  constructor(of: { id: RequestId; players: readonly string[] }, done: (text: string) => void) {
    this.#id = of.id;
    this.#players = of.players;
    this.#results = new Array(of.players.length).fill('');
    this.#missing = of.players.length;
    this.#done = done;
  }

  ticked(item: number, outcome: TickOutcome, position: Acked): void {
    if (outcome.refused) {
      this.tickFailed(item, tickRefusal(outcome.refused));
      return;
    }
    this.#ack = position.ack;
    const isNewer =
      position.epoch > this.#epoch || (position.epoch === this.#epoch && position.version > this.#version);
    if (isNewer) {
      this.#epoch = position.epoch;
      this.#version = position.version;
    }
    this.#put(item, `{"player":"${this.#players[item]}",${tickFields(outcome)}}`);
  }

  tickFailed(item: number, fault: Fault): void {
    this.#put(item, `{"player":"${this.#players[item]}","error":${JSON.stringify(faultFields(fault))}}`);
  }

  #put(item: number, result: string): void {
    this.#results[item] = result;
    this.#missing--;
    if (this.#missing > 0) return;
    const position = `"epoch":${this.#epoch},"version":${this.#version}`;
    this.#done(
      sharedReply(this.#id, `"ack":"${this.#ack}"`, `"results":[${this.#results.join(',')}],${position}`),
    );
  }
}
