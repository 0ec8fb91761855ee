import { Fault } from '@photofinish/shared/protocol/errors';
import { errorReplySchema, replySchemas } from '@photofinish/shared/protocol/replies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { FinalAnswer } from '../../../server/src/board/finals.ts';
import { TICK_REFUSALS, type TickOutcome, type TickRefusal } from '../../../server/src/board/live-board.ts';
import { errorReply, finalReply, tickReply } from '../../../server/src/ws/replies.ts';
import { tickRefusal } from '../../../server/src/ws/tick-refusal.ts';
import { TicksReply } from '../../../server/src/ws/ticks-reply.ts';

const id = fc.string({ unit: fc.constantFrom(...'AZaz09._~-'), minLength: 1, maxLength: 64 });
const requestId = fc.oneof(id, fc.maxSafeNat());
const position = fc.record({
  epoch: fc.nat(),
  version: fc.maxSafeNat(),
  ack: fc.constantFrom('cache' as const, 'aof' as const, 'replica' as const, 'database' as const),
});
const outcome = fc.record({
  refused: fc.constant(undefined),
  rank: fc.integer({ min: 1 }),
  previousRank: fc.nat(),
  score: fc.maxSafeInteger(),
  previousScore: fc.option(fc.maxSafeInteger(), { nil: undefined }),
  columns: fc.option(fc.dictionary(id, fc.maxSafeInteger(), { maxKeys: 3 }), { nil: undefined }),
  improved: fc.boolean(),
  repeat: fc.boolean(),
});
/** A column is named by the field. */
const codeOf = (refusal: TickRefusal): string => (refusal === 'COLUMN_OVERFLOW' ? 'SCORE_OVERFLOW' : refusal);

const refused: fc.Arbitrary<TickOutcome> = fc.constantFrom(...TICK_REFUSALS).map((code) => ({
  refused: code,
  rank: 0,
  previousRank: 0,
  score: 0,
  previousScore: undefined,
  improved: false,
  repeat: false,
}));

/** Field for field: a member that the schema does not know would pass a plain parse. */
const strictTick = z.strictObject(replySchemas.tick.shape);

test('[WR8] a tick reply put together by hand is what the schema says', () => {
  fc.assert(
    fc.property(requestId, outcome, position, (id, tick, at) => {
      const { refused: _, repeat, previousRank, previousScore, ...fields } = tick;
      const previous = { previousRank: previousRank || null, previousScore: previousScore ?? null };
      const expected = { type: 'ok', id, ...fields, ...previous, ...(repeat ? { repeat } : {}), ...at };
      const reply = JSON.parse(tickReply(id, tick, at));
      expect(strictTick.parse(reply)).toEqual(expected);
    }),
  );
});

/** Field for field, as above. */
const strictFinal = z.strictObject(replySchemas.final.shape);
const place = fc.record({
  rank: fc.option(fc.integer({ min: 1 })),
  previousRank: fc.option(fc.integer({ min: 1 })),
  previousScore: fc.option(fc.maxSafeInteger()),
  improved: fc.boolean(),
});
const final = fc.record({
  player: id,
  score: fc.maxSafeInteger(),
  confirmed: fc.maxSafeInteger(),
  duplicate: fc.boolean(),
});

test('[WR8] the reply to a final put together by hand is what the schema says', () => {
  const bucket = fc.option(fc.record({ bucket: id, bucketRank: fc.integer({ min: 1 }) }), { nil: undefined });
  const columns = fc.option(fc.dictionary(id, fc.maxSafeInteger(), { maxKeys: 3 }), { nil: undefined });
  fc.assert(
    fc.property(
      requestId,
      final,
      fc.option(place, { nil: undefined }),
      bucket,
      columns,
      (id, of, at, inBucket, values) => {
        const hidden = at?.rank === null;
        const live = at ? ('applied' as const) : ('pending' as const);
        const answer: FinalAnswer = {
          ...{ ...of, live },
          ...(at && {
            ...at,
            ...(hidden ? { hidden } : {}),
            ...(inBucket && { ...inBucket, ...(hidden ? { bucketRank: null } : {}) }),
          }),
          ...(values && { columns: values }),
        };
        const reply = JSON.parse(finalReply(id, answer));
        expect(strictFinal.parse(reply)).toEqual({ type: 'ok', id, ack: 'database', ...answer });
      },
    ),
  );
});

test('[WR6] a ticks reply has its results in request order, whatever order they come in', () => {
  const items = fc.array(fc.tuple(id, fc.oneof(outcome, refused), fc.nat(), position), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(
    fc.property(requestId, items, (id, plan) => {
      const texts: string[] = [];
      const players = plan.map(([player]) => player);
      const reply = new TicksReply({ id, players }, (text) => texts.push(text));
      const order = plan.map((_, i) => i).sort((a, b) => (plan[a]?.[2] ?? 0) - (plan[b]?.[2] ?? 0));
      for (const item of order) {
        const step = plan[item];
        expect(texts).toHaveLength(0);
        if (step) reply.ticked(item, step[1], step[3]);
      }
      expect(texts).toHaveLength(1);
      const parsed = replySchemas.ticks.parse(JSON.parse(texts[0] ?? ''));
      expect(parsed.id).toBe(id);
      for (const [i, [player, tick]] of plan.entries()) {
        const result = parsed.results[i];
        expect(result?.player).toBe(player);
        const retryable = tick.refused === 'OVERLOADED';
        if (tick.refused) expect(result).toMatchObject({ error: { code: codeOf(tick.refused), retryable } });
        else expect(result).toMatchObject({ rank: tick.rank, score: tick.score, improved: tick.improved });
      }
    }),
  );
});

test('[WR6] the position of a ticks reply is the newest that any of its items was applied at', () => {
  const texts: string[] = [];
  const reply = new TicksReply({ id: 1, players: ['a', 'b', 'c'] }, (text) => texts.push(text));
  const applied: TickOutcome = {
    ...{ refused: undefined, rank: 1, previousRank: 0, score: 1, previousScore: undefined },
    ...{ improved: true, repeat: false },
  };
  reply.ticked(0, applied, { epoch: 2, version: 3, ack: 'aof' });
  reply.ticked(1, applied, { epoch: 1, version: 9, ack: 'aof' });
  reply.tickFailed(2, new Fault('OVERLOADED', 'later', { retryAfterMs: 5 }));
  expect(JSON.parse(texts[0] ?? '')).toMatchObject({ ack: 'aof', epoch: 2, version: 3 });
});

test('[WE1] every error reply is what the schema says, and every refusal of a tick names field, limit and fix', () => {
  for (const code of TICK_REFUSALS) {
    const fault = tickRefusal(code);
    expect(fault.detail).toMatchObject({
      field: expect.any(String),
      limit: expect.any(String),
      fix: expect.any(String),
    });
    expect(errorReplySchema.parse(JSON.parse(errorReply('a', fault)))).toMatchObject({
      type: 'error',
      id: 'a',
      code: codeOf(code),
    });
  }
  expect(errorReplySchema.parse(JSON.parse(errorReply(null, new Fault('INTERNAL', 'x'))))).toMatchObject({
    id: null,
    retryable: true,
  });
});
