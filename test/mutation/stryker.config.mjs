/**
 * What is mutated: all that src/mptcp and src/tcp do. Left out:
 *
 * - String literals. They are labels, notes and messages; those of errors and violations have literal expectations in
 *   the tests, those of the tables would only be copied there. Names that the codec goes by (`type`, `form`, reasons)
 *   are held by the types.
 * - src/index.ts and src/entry, which are re-exports. Types have no mutants.
 *
 * No place in the source is excepted: mutants that change nothing count as survivors (docs/quality.md).
 */
export default {
  mutate: ['src/mptcp/*.ts', 'src/tcp/*.ts'],
  mutator: { excludedMutations: ['StringLiteral'] },
  plugins: ['./test/mutation/runner.mjs'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Generous, so that a busy machine does not make a survivor a timeout; endless loops are counted, not timed.
  timeoutMS: 5_000,
  timeoutFactor: 4,
  thresholds: { break: 95 },
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  tempDirName: 'coverage/mutants',
  ignorePatterns: ['dist', 'coverage', 'test/mutation'],
  // Most mutants in tables are static; each evaluates the modules anew anyway.
  warnings: { slow: false },
};
