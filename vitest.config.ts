import { defineConfig } from 'vitest/config';
import { SlowFirst } from './scripts/test/slow-first.mjs';

const endToEnd = '**/*.e2e.test.ts';

export default defineConfig({
  test: {
    // For two cores: most tests wait for a daemon or for time, and two files at once left both cores idle for half of a run.
    maxWorkers: 4,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'test/lab/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          exclude: [endToEnd],
          // Some wait for the disk, which others may keep busy; no test is about how long it takes.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [`packages/*/src/${endToEnd}`, 'test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // A test that hangs in its clean-up must not leave its daemons to the next.
          teardownTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          // Apart from the others (npm run test:debian): they need a whole Debian, and minutes.
          name: 'debian',
          include: ['test/debian/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
