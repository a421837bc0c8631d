import { defineConfig } from 'vitest/config';

const sources = '{events,ingest,processors,dashboard,simulators,infra,bench}';

/**
 * `unit` lies beside the code (and the simulation in test/sim/), `repository` checks the checkout itself, `system` runs the whole of it (`npm test` is these
 * three), `interop` meets other people's programs (`npm run test:interop`). The global set-ups see to the servers and tools that the tests start.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${sources}/**/*.test.{ts,tsx}`, 'test/sim/**/*.test.ts'],
          globalSetup: 'infra/setup/vitest-unit.ts',
          // Real servers and child processes on two busy cores.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'repository',
          include: ['test/repository/**/*.test.ts'],
          // A guard that is tried out starts a compiler or linter.
          testTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', 'test/repository/**', 'test/sim/**'],
          globalSetup: 'infra/setup/vitest-system.ts',
          // Each file runs a whole pipeline: side by side they would measure each other.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          globalSetup: 'infra/setup/vitest-interop.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
