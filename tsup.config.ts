import { defineConfig, type Options } from 'tsup';

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

/**
 * esbuild turns every `const` of a module into `var`. What may change, the engine loads and checks each time,
 * where it would put a constant into its code: `decode -o ndjson` takes a sixth longer.
 */
export function withConstants(code: string): string {
  return code.replace(/^var (?=[\w$]+ = )/gm, 'const ');
}

const common: Options = {
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  splitting: true,
  treeshake: true,
  sourcemap: true,
  plugins: [{ name: 'constants', renderChunk: (code) => ({ code: withConstants(code) }) }],
};

// Built by itself, the program is read from half as many files: it starts 5 ms earlier.
export default defineConfig([
  {
    ...common,
    entry: library,
    clean: ['*.*'],
    dts: { entry: library, compilerOptions: { ignoreDeprecations: '6.0' } },
  },
  { ...common, entry: ['src/cli/main.ts'], outDir: 'dist/cli', clean: true },
]);
