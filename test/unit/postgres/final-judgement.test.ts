import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FinalGroup } from '../../../server/src/board/finals-store.ts';
import { type Held, judgeFinals, type MatchInSeason } from '../../../server/src/postgres/final-judgement.ts';

const match = (id: string, more: Partial<MatchInSeason> = {}): MatchInSeason => ({
  ...{ id, season: 's', startedAt: 1, endedAt: null, state: 'open', closingAt: null },
  ...{ operator: 'sum', sortOrder: 'desc', graceSeconds: 60 },
  ...{ limits: {}, rostered: false, compares: false, abandoned: false, ...more },
});
const none: Held = { matches: [match('m1'), match('m2')], finals: [], standings: [] };

describe('judging finals', () => {
  test('[FN3] a refused group leaves no trace in what later groups are judged against', () => {
    const groups: FinalGroup[] = [
      { match: 'm1', finals: [{ player: 'a', score: 1 }], end: false, at: 10 },
      {
        match: 'm1',
        finals: [
          { player: 'b', score: 5 },
          { player: 'a', score: 2 },
        ],
        end: true,
        at: 11,
      },
      { match: 'm1', finals: [{ player: 'b', score: 6 }], end: true, at: 12 },
    ];
    const { results, newFinals, ended } = judgeFinals(groups, none);
    expect(results.map((result) => result.kind)).toEqual(['stored', 'refused', 'stored']);
    expect(newFinals.map((final) => [final.player, final.score])).toEqual([
      ['a', 1],
      ['b', 6],
    ]);
    expect(ended).toEqual([{ match: 'm1', at: 12 }]);
  });

  test('[FN5] an ending without finals is taken, and a group after it in the same call finds the match ended', () => {
    const groups: FinalGroup[] = [
      { match: 'm1', finals: [], end: true, at: 10 },
      { match: 'm1', finals: [], end: true, at: 11 },
      { match: 'm1', finals: [{ player: 'a', score: 1 }], end: false, at: 12 },
    ];
    const { results, ended } = judgeFinals(groups, none);
    expect(results.map((result) => (result.kind === 'refused' ? result.code : 'stored'))).toEqual([
      ...['stored', 'stored', 'MATCH_ENDED'],
    ]);
    expect(ended).toEqual([{ match: 'm1', at: 10 }]);
  });

  test('[FN7] whatever comes in one call gives what it would give in calls of its own', () => {
    const groupArb = fc.record({
      match: fc.constantFrom('m1', 'm2', 'm3', 'gone'),
      finals: fc.array(
        fc.record({
          player: fc.constantFrom('a', 'b', 'c'),
          score: fc.constantFrom(1, 2, Number.MAX_SAFE_INTEGER),
        }),
        { maxLength: 3 },
      ),
      end: fc.boolean(),
      at: fc.integer({ min: 0, max: 200_000 }),
    });
    const matches = [
      match('m1'),
      match('m2', { state: 'closing', closingAt: 50_000 }),
      match('m3', { state: 'closed' }),
    ];
    fc.assert(
      fc.property(fc.array(groupArb, { maxLength: 8 }), (groups) => {
        const together = judgeFinals(groups, { matches, finals: [], standings: [] });
        let held: Held = { matches, finals: [], standings: [] };
        const apart = groups.map((group) => {
          const { results, newFinals, standings, ended } = judgeFinals([group], held);
          held = {
            matches: held.matches.map((known) => ({
              ...known,
              endedAt: known.endedAt ?? ended.find((end) => end.match === known.id)?.at ?? null,
            })),
            finals: [...held.finals, ...newFinals],
            standings: [
              ...held.standings.filter((old) => !standings.some(({ player }) => player === old.player)),
              ...standings,
            ],
          };
          return results[0];
        });
        expect(together.results).toEqual(apart);
        expect(together.newFinals).toHaveLength(held.finals.length);
      }),
      { numRuns: 300 },
    );
  });
});
