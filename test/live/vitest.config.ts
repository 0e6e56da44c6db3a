import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { ConformanceReporter } from './report.ts';

/** `npm run test:live` runs this inside namespaces; the counters are the whole namespace's, so one test at a time. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/live/*.live.ts'],
    globalSetup: ['test/live/device.ts'],
    fileParallelism: false,
    testTimeout: 20_000,
    reporters: ['default', new ConformanceReporter()],
  },
});

export default config;
