import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, not threads: the tests of --jobs start worker threads of their own and send signals.
    pool: 'forks',
    testTimeout: 60_000,
  },
});
