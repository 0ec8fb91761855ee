import { describe, expect, test } from 'vitest';
import { Wheel } from '../../../client-sim/src/wheel.ts';

describe('the wheel', () => {
  test('[SIM6] what is due runs in the order of its time, and late ones keep the time they were meant for', () => {
    let clock = 1_000;
    const wheel = new Wheel(() => clock);
    const ran: number[] = [];
    for (const at of [1_009.5, 1_003, 1_008.2, 1_003.7, 5_000])
      wheel.at(at, (intendedAt) => ran.push(intendedAt));
    wheel.turn();
    expect(ran).toEqual([]);
    clock = 1_500;
    wheel.turn();
    expect(ran).toEqual([1_003, 1_003.7, 1_008.2, 1_009.5]);
  });

  test('[SIM6] a beat that schedules the next one misses none after a stall', () => {
    let clock = 0;
    const wheel = new Wheel(() => clock);
    const ran: number[] = [];
    const beat = (intendedAt: number) => {
      ran.push(intendedAt);
      wheel.at(intendedAt + 0.5, beat);
    };
    wheel.at(0, beat);
    for (const now of [3, 4, 90, 100]) {
      clock = now;
      wheel.turn();
    }
    expect(ran.length).toBe(200);
    expect(ran).toEqual(ran.map((_, i) => i / 2));
  });
});
