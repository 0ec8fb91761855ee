import { describe, expect, test } from 'vitest';
import { Chance } from '../../../client-sim/src/chance.ts';

const draws = (chance: Chance, count: number) => Array.from({ length: count }, () => chance.next());

describe('chance', () => {
  test('[SIM4] the same seed draws the same, another seed something else', () => {
    expect(draws(new Chance(7), 50)).toEqual(draws(new Chance(7), 50));
    expect(draws(new Chance(7), 50)).not.toEqual(draws(new Chance(8), 50));
  });

  test('[SIM4] a player’s stream does not depend on what others drew', () => {
    const quiet = new Chance(7);
    const busy = new Chance(7);
    draws(busy, 100);
    draws(busy.fork('bob'), 100);
    expect(draws(busy.fork('ann'), 20)).toEqual(draws(quiet.fork('ann'), 20));
    expect(draws(quiet.fork('ann'), 20)).not.toEqual(draws(quiet.fork('bob'), 20));
  });

  test('[SIM4] draws are spread evenly, waits have their mean, whole numbers their bounds', () => {
    const chance = new Chance(42);
    const counts = new Array<number>(10).fill(0);
    for (const draw of draws(chance, 20_000))
      counts[Math.floor(draw * 10)] = (counts[Math.floor(draw * 10)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += chance.wait(50);
    expect(Math.abs(sum / 20_000 - 50)).toBeLessThan(2);
    const whole = new Set(Array.from({ length: 500 }, () => chance.int(-2, 2)));
    expect([...whole].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });

  test('[SIM4] shuffling keeps every item', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = new Chance(3).shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});
