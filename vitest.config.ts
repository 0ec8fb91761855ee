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
    projects: [
      project('unit', { testTimeout: 20_000 }),
      project('integration', services),
      project('fault', { ...services, testTimeout: 120_000 }),
      project('waitaof', { ...services, testTimeout: 120_000 }),
      project('browser', { ...services, testTimeout: 120_000 }),
    ],
  },
});
