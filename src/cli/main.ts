#!/usr/bin/env node
/**
 * The program `mptcp-codec`.
 *
 * @module
 */
import { processIo } from './io.ts';
import { run } from './run.ts';

process.exit(await run(process.argv.slice(2), processIo()));
