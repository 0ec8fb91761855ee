import { requestSchemas, tickSchema } from '@photofinish/shared/protocol/requests';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFinal } from '../../../server/src/ws/final-document.ts';
import { readTick } from '../../../server/src/ws/tick-document.ts';

const ID_CHARACTERS = 'ABZabz019._~-';
const id = fc.string({ unit: fc.constantFrom(...ID_CHARACTERS), minLength: 1, maxLength: 64 });
const wrongId = fc.constantFrom('', ' ', 'a b', 'é', '\ud800', 'a'.repeat(65), 'a\n', null, 0, {}, []);
const edges = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53) + 1,
  -(2 ** 53),
  1e300,
  1e21,
);
const number = fc.oneof(edges, fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }));
const wrong = fc.oneof(fc.string(), fc.constantFrom(null, true, '5', [], {}));
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 8, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: bad });

/** Near the border: each field right, wrong or missing on its own. */
const nearTick = fc.record(
  {
    type: mostly(fc.constant('tick'), fc.constantFrom('ticks', 'TICK', null)),
    id: mostly(fc.oneof(fc.nat(), id, fc.maxSafeInteger()), fc.oneof(wrongId, edges)),
    match: mostly(id, wrongId),
    board: mostly(id, wrongId),
    player: mostly(id, wrongId),
    score: mostly(number, wrong),
    delta: mostly(number, wrong),
    seq: mostly(fc.oneof(fc.integer({ min: 1 }), edges), wrong),
    columns: mostly(
      fc.dictionary(mostly(id, wrongId).map(String), mostly(number, wrong), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      fc.oneof(wrong, fc.constant(['a'])),
    ),
    bucketKey: mostly(fc.constantFrom(undefined, 'eu'), fc.constantFrom('x y', 7, '')),
    metadata: mostly(
      fc.dictionary(id, fc.jsonValue(), { noNullPrototype: true }),
      fc.oneof(wrong, fc.constant([1])),
    ),
    extra: fc.anything(),
  },
  { requiredKeys: [] },
);
const likelyTick = fc
  .tuple(nearTick, fc.constantFrom('match', 'board'), fc.constantFrom('score', 'delta'), id, number)
  .map(([near, target, value, name, amount]) => {
    const { match: _m, board: _b, score: _s, delta: _d, extra: _e, columns, metadata, ...rest } = near;
    const units = Number(amount) % 2 === 0 ? { columns, metadata } : {};
    return { ...rest, ...units, type: 'tick', [target]: name, [value]: amount };
  });
const document = fc
  .oneof(likelyTick, nearTick, fc.anything())
  .map((value) => JSON.stringify(value) as string | undefined)
  .filter((text): text is string => text !== undefined)
  .map((text) => JSON.parse(text) as unknown);

/** Some 440 documents of so many are right by chance; fewer than 200 would mean that refusals alone are looked at. */
const RUNS = 10_000;

test('[WR7] the check by hand says yes exactly where the schema does', () => {
  let taken = 0;
  fc.assert(
    fc.property(document, (value) => {
      const parsed = tickSchema.safeParse(value);
      const read = readTick(value);
      expect(read !== undefined, JSON.stringify(value)).toBe(parsed.success);
      if (read === undefined) return;
      taken++;
      expect(read).toEqual(parsed.data);
    }),
    { numRuns: RUNS },
  );
  expect(taken).toBeGreaterThan(200);
});

const nearFinal = fc.tuple(nearTick, id, id, number).map(([near, match, player, score]) => {
  const { board: _b, delta: _d, seq: _s, extra, ...rest } = near;
  return { ...rest, type: 'final', match, player, score, ...(extra === 1 ? { extra } : {}) };
});

test('[WR7] the check of finals by hand says yes exactly where the schema does', () => {
  const finals = fc.oneof(
    nearFinal,
    nearTick.map((near) => ({ ...near, type: 'final' })),
    nearTick,
    fc.anything(),
  );
  let taken = 0;
  fc.assert(
    fc.property(finals, (made) => {
      const text = JSON.stringify(made) as string | undefined;
      if (text === undefined) return;
      const value: unknown = JSON.parse(text);
      const parsed = requestSchemas.final.safeParse(value);
      const read = readFinal(value);
      expect(read !== undefined, text).toBe(parsed.success);
      if (read === undefined) return;
      taken++;
      expect(read).toEqual(parsed.data);
    }),
    { numRuns: RUNS },
  );
  expect(taken).toBeGreaterThan(200);
});

test('[WR7] keys that objects have by nature are unknown keys like any other', () => {
  for (const key of ['__proto__', 'constructor', 'toString']) {
    const value = JSON.parse(`{"type":"tick","id":1,"match":"m","score":1,"${key}":{"score":2}}`);
    expect(readTick(value)).toBeUndefined();
    expect(tickSchema.safeParse(value).success).toBe(false);
    const final = JSON.parse(
      `{"type":"final","id":1,"match":"m","player":"p","score":1,"${key}":{"score":2}}`,
    );
    expect(readFinal(final)).toBeUndefined();
    expect(requestSchemas.final.safeParse(final).success).toBe(false);
  }
});
