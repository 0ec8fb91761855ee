import { describe, expect, it } from 'vitest';
import { Lifecycle, type Part } from '../../../server/src/lifecycle.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const recorded = (events: string[], name: string, how: Partial<Part> = {}): Part => ({
  name,
  start: () => void events.push(`start ${name}`),
  stop: () => void events.push(`stop ${name}`),
  ...how,
});

describe('start and stop order', () => {
  it('[LC1] stops in the mirror of the start order', async () => {
    const events: string[] = [];
    const life = new Lifecycle([recorded(events, 'a'), recorded(events, 'b'), recorded(events, 'c')], {
      log: silent,
      stopWithinMs: 1_000,
    });
    await life.start();
    expect(await life.stop()).toEqual([]);
    expect(events).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('[LC1] a part that fails to start stops those before it, and the failure is told', async () => {
    const events: string[] = [];
    const broken = recorded(events, 'b', { start: () => Promise.reject(new Error('no database')) });
    const life = new Lifecycle([recorded(events, 'a'), broken, recorded(events, 'c')], {
      log: silent,
      stopWithinMs: 1_000,
    });
    await expect(life.start()).rejects.toThrow('no database');
    expect(events).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('[LC1] a part that does not stop in time is named and does not keep the others', async () => {
    const events: string[] = [];
    const stuck = recorded(events, 'b', { stop: () => new Promise(() => undefined) });
    const life = new Lifecycle([recorded(events, 'a'), stuck], { log: silent, stopWithinMs: 120 });
    await life.start();
    expect(await life.stop()).toEqual(['b']);
    expect(events).toContain('stop a');
  });
});
