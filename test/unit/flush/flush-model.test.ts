import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flusherProperty } from './flush-model.ts';
import { type Guilt, guiltyQueue } from './guilty-queues.ts';

/** A mutant that is found only now and then would be found by nobody: this is the time that a person waits for a test. */
const FOUND_WITHIN_MS = 1_000;

describe('the model of the flusher', () => {
  it('[FM1] two flushers, lost and late answers, crashes, finals and new epochs in any order lose nothing that was acked', async () => {
    await fc.assert(
      flusherProperty((ports) => ports),
      { numRuns: 8_000 },
    );
  });

  it.each<Guilt>(['spop', 'srem'])('[FM2] finds the guilty design "%s" within a second', async (guilt) => {
    const startedAt = performance.now();
    const found = await fc.check(
      flusherProperty((ports) => guiltyQueue(guilt, ports.redis)),
      { numRuns: 10_000, interruptAfterTimeLimit: FOUND_WITHIN_MS },
    );
    const tookMs = Math.round(performance.now() - startedAt);
    expect(found.counterexample, `${guilt} lost nothing in ${found.numRuns} runs`).not.toBeNull();
    expect(tookMs).toBeLessThan(FOUND_WITHIN_MS);
    console.log(
      `${guilt}: guilty after ${found.numRuns} runs, ${tookMs} ms, seed ${found.seed}: ${found.counterexample}`,
    );
  });
});
