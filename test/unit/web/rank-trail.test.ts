import { describe, expect, it } from 'vitest';
import { changesSince, extendTrail, type RankTrail, TRAIL_MS } from '../../../server/src/web/rank-trail.ts';

const standings = (...players: string[]) => players.map((player, i) => ({ player, rank: i + 1 }));

describe('how far a row has moved', () => {
  it('[LP4] counts places from where the player stood ten seconds ago, not from the last push', () => {
    let trail = extendTrail([], standings('ada', 'bob', 'cay'), 0);
    trail = extendTrail(trail, standings('bob', 'ada', 'cay'), 2_000);
    trail = extendTrail(trail, standings('bob', 'cay', 'ada'), 4_000);
    const changes = changesSince(trail, standings('bob', 'cay', 'ada'));
    expect([...changes]).toEqual([
      ['bob', 1],
      ['cay', 1],
      ['ada', -2],
    ]);
  });

  it('[LP4] forgets a move once it is ten seconds old', () => {
    let trail: RankTrail = extendTrail([], standings('ada', 'bob'), 0);
    for (let at = 1_000; at <= TRAIL_MS + 1_000; at += 1_000)
      trail = extendTrail(trail, standings('bob', 'ada'), at);
    expect(changesSince(trail, standings('bob', 'ada')).size).toBe(0);
  });

  it('[LP4] says new for a player who was not in the list, and nothing for the first players of an empty board', () => {
    const trail = extendTrail([], standings('ada'), 0);
    expect(changesSince(trail, standings('ada', 'bob')).get('bob')).toBe('new');
    expect(changesSince(extendTrail([], [], 0), standings('ada')).size).toBe(0);
    expect(changesSince([], standings('ada')).size).toBe(0);
    const filled = extendTrail(extendTrail([], [], 0), standings('ada', 'bob'), 2_000);
    expect(changesSince(filled, standings('bob', 'ada')).get('bob')).toBe(1);
  });

  it('[LP4] keeps a bounded trail however often the board is pushed', () => {
    let trail: RankTrail = [];
    for (let at = 0; at < 10 * TRAIL_MS; at += 50) trail = extendTrail(trail, standings('ada'), at);
    expect(trail.length).toBeLessThanOrEqual(TRAIL_MS / 1_000 + 2);
  });
});
