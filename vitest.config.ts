import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 120_000,
    coverage: {
      provider: 'v8',
      reporter: ['text'],
      include: ['src/*.ts', 'src/mptcp/**', 'src/tcp/**', 'src/explain/**'],
      // Types and re-exports only.
      exclude: ['src/index.ts'],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
  },
});
