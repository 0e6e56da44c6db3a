/**
 * A test runner for Stryker that stays in one process: all test files are bundled once; each mutant evaluates the
 * bundle anew and runs the tests that reach it, up to the first that fails. Tests are Vitest's, run by its own runner.
 * Stryker's runner for Vitest starts a worker for each mutant, which takes far longer than the tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { getCurrentTest, startTests } from '@vitest/runner';
import { build } from 'esbuild';
import * as fastCheck from 'fast-check';
import * as vitest from 'vitest';

// Quick ones first, laws last. The other tests of the coverage script read the source's text or start programs, and
// would notice the instrumentation rather than a mutant.
const TEST_FILES = [
  ...['test/bytes.test.ts', 'test/layout.test.ts'],
  ...['test/mptcp', 'test/tcp'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)),
  ...['test/explain.test.ts', 'test/laws.test.ts'],
].filter((name) => name.endsWith('.test.ts'));

// A tenth of the values, and the same ones in each run, so that scores can be compared; a failure is not made smaller,
// for nobody reads it.
fastCheck.configureGlobal({ seed: 20261128, endOnFailure: true });
const assert = (property, { numRuns = 1000 } = {}) => fastCheck.assert(property, { numRuns: numRuns / 10 });

// Vitest's own asks its worker where the test is.
vitest.chai.util.addMethod(vitest.chai.Assertion.prototype, 'toMatchFileSnapshot', function (path) {
  vitest.expect(this._obj).toBe(readFileSync(resolve(dirname(getCurrentTest().file.filepath), path), 'utf8'));
});

const CONFIG = {
  root: '.',
  setupFiles: [],
  passWithNoTests: true,
  allowOnly: false,
  sequence: { hooks: 'stack', seed: 0, setupFiles: 'list' },
  maxConcurrency: 1,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  retry: 0,
  tags: [],
  strictTags: false,
};

/** What the instrumented source reads and writes. */
globalThis.__stryker__ ??= {};
const stryker = globalThis.__stryker__;

class Runner {
  #evaluate;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    const { outputFiles } = await build({
      stdin: {
        contents: `export const files = {${TEST_FILES.map((name) => `'${name}': () => import('./${name}')`)}};`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vitest', 'fast-check'],
      plugins: [{ name: 'places', setup: (bundler) => bundler.onLoad({ filter: /\.ts$/ }, withItsPlace) }],
      write: false,
    });
    const require = createRequire(import.meta.url);
    const modules = { vitest, 'fast-check': { ...fastCheck, assert } };
    this.#evaluate = () => {
      const module = { exports: {} };
      const parameters = { module, require: (name) => modules[name] ?? require(name) };
      compileFunction(outputFiles[0].text, Object.keys(parameters))(...Object.values(parameters));
      return module.exports.files;
    };
  }

  async dryRun() {
    const tests = await this.#run();
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, hitLimit, testFilter }) {
    Object.assign(stryker, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const own = activeMutant.fileName.replace(/.*src\//, 'test/').replace(/ts$/, 'test.ts');
    const tests = await this.#run(testFilter && new Set(testFilter), own);
    const endless = determineHitLimitReached(stryker.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  /** Runs the tests of these names, or all, up to the first failure; those of the mutant's own file first. */
  async #run(wanted, own) {
    const files = this.#evaluate();
    const tests = [];
    let failed = false;
    const runner = {
      config: CONFIG,
      importFile: (path) => files[path](),
      onBeforeRunTask(test) {
        if (failed || (wanted && !wanted.has(test.fullName))) test.mode = 'skip';
        else stryker.currentTestId = test.fullName;
      },
      onAfterRunTask({ fullName, result }) {
        stryker.currentTestId = undefined;
        failed ||= result.state === 'fail';
        tests.push(outcome(fullName, result));
      },
    };
    for (const path of TEST_FILES.toSorted((a, b) => Number(b === own) - Number(a === own))) {
      if (failed) break;
      if (wanted && ![...wanted].some((name) => name.startsWith(path))) continue;
      const [{ result }] = await startTests([path], runner);
      // Where a file cannot even be read, no test of it is there to fail.
      if (result.errors && !failed) tests.push(outcome(path, result));
      failed ||= result.state === 'fail';
    }
    return tests;
  }
}

function outcome(id, { state, duration = 0, errors }) {
  const common = { id, name: id, timeSpentMs: duration };
  return state === 'fail'
    ? { ...common, status: TestStatus.Failed, failureMessage: errors[0].message }
    : { ...common, status: TestStatus.Success };
}

/** A bundle has one place; a test asks for fixtures beside its own. */
function withItsPlace({ path }) {
  const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
  return { contents, loader: 'ts' };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', Runner)];
