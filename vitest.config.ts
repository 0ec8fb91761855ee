import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['source'] };
const ssr = { resolve: { conditions: ['source'], externalConditions: ['source'] } };

/** One project per environment; the folder of a test says what it needs. No retries anywhere. */
const project = (name: string, extra: Record<string, unknown> = {}) => ({
  resolve,
  ssr,
  test: { name, include: [`test/${name}/**/*.test.ts`], retry: 0, ...extra },
});

const services = { globalSetup: ['test/support/services.ts'], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Much of a test is waiting: for a server that starts, a lease that ends, a flush that comes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project('unit', { testTimeout: 20_000 }),
      project('integration', services),
      project('fault', { ...services, testTimeout: 120_000 }),
      project('waitaof', { ...services, testTimeout: 120_000 }),
      project('browser', { ...services, testTimeout: 120_000 }),
    ],
  },
});
