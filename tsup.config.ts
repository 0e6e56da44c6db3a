import { defineConfig } from 'tsup';

/** Subpath of the package -> the module that it exports. */
const library = {
  index: 'src/index.ts',
  auth: 'src/mptcp/auth.ts',
  checksum: 'src/mptcp/checksum.ts',
  build: 'src/mptcp/build.ts',
  layout: 'src/entry/layout.ts',
  violations: 'src/mptcp/violations.ts',
  tcp: 'src/entry/tcp.ts',
  ip: 'src/entry/ip.ts',
  capture: 'src/entry/capture.ts',
  trace: 'src/entry/trace.ts',
  text: 'src/entry/text.ts',
  arbitraries: 'test/arbitraries.ts',
};

const program = { 'cli/main': 'src/cli/main.ts' };

export default defineConfig({
  entry: { ...library, ...program },
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  splitting: true,
  treeshake: true,
  sourcemap: true,
  clean: true,
  dts: { entry: library, compilerOptions: { ignoreDeprecations: '6.0' } },
});
