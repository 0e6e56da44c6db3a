/**
 * `diff`: what a path changed, from captures at both ends of it.
 *
 * @module
 */
import type { CapturedPacket } from '../capture/packet.ts';
import { Difference } from '../diff/difference.ts';
import { formatDiff } from '../text/diff.ts';
import { colored, plain } from '../text/paint.ts';
import type { HostName } from '../trace/report.ts';
import { FLAGS, oneOf, parse, VALUES, wantsColor } from './args.ts';
import { CaptureSource, capturePaths } from './captures.ts';
import { CommandError, Status, usage } from './exit.ts';
import type { Io } from './io.ts';
import { Progress } from './progress.ts';
import { isWatched, widthOf } from './trace.ts';

const HELP = `Usage: mptcp-codec diff CLIENT SERVER [options]

Compares two captures of one path, taken near the client and near the server: pairs their
segments, through NAT, rewritten sequence numbers and clocks that differ, and tells what the path
stripped, altered, cut otherwise, dropped or answered itself, and what came of it. Keys are not shown.

  -o FORMAT           text (default), json (one object), ndjson (an object for each change, then one
                      for the rest)
  --exit-zero         exit with 0 whatever was found
  --color WHEN        auto (default), always, never
  --no-progress       no progress on standard error
  -q, -v              findings only; every change

Exit status: 0, or 1 where a finding is an error; 65 where a capture is damaged.
`;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { help, quiet, verbose, numeric, 'no-progress': noProgress, 'no-keys': noKeys } = FLAGS;
  const { values, positionals } = parse(args, {
    help,
    quiet,
    verbose,
    numeric,
    'no-progress': noProgress,
    'no-keys': noKeys,
    output: VALUES.output,
    color: VALUES.color,
    'exit-zero': { type: 'boolean' },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  const format = oneOf('-o', values.output, ['text', 'json', 'ndjson']);
  const paint = wantsColor(values.color, io) ? colored : plain;
  if (positionals.length !== 2) throw usage('two captures are compared: CLIENT SERVER');
  const [client = '', server = ''] = capturePaths(positionals, undefined, io);
  const sources = {
    client: new CaptureSource(client, io, values.quiet),
    server: new CaptureSource(server, io, values.quiet),
  };
  const watched = isWatched(io, false) && !values.quiet && !values['no-progress'];
  const difference = new Difference();
  const failure = await read(sources, difference, new Progress(watched ? io.stderr : undefined, undefined), io);
  const report = difference.report();
  if (format === 'text') {
    io.stdout.write(formatDiff(report, { width: widthOf(io), paint, verbose: values.verbose, quiet: values.quiet }));
  } else if (format === 'json') {
    io.stdout.write(`${JSON.stringify(report)}\n`);
  } else {
    const { changes, ...rest } = report;
    for (const change of changes) io.stdout.write(`${JSON.stringify(change)}\n`);
    io.stdout.write(`${JSON.stringify(rest)}\n`);
  }
  if (failure !== undefined) throw failure;
  const damages = [sources.client.damage, sources.server.damage].filter((damage) => damage !== undefined);
  if (damages.length > 0 && !io.signal.aborted) throw new CommandError(Status.DATA, `damaged: ${damages.join('; ')}`);
  const errors = report.findings.some(({ severity }) => severity === 'error');
  return errors && !values['exit-zero'] ? Status.FOUND : Status.OK;
}

/** Read both captures, as the comparison asks for them; gives why reading broke off, where it did. */
async function read(
  sources: Readonly<Record<HostName, CaptureSource>>,
  difference: Difference,
  progress: Progress,
  io: Io,
): Promise<unknown> {
  let packets = 0;
  try {
    for (;;) {
      const { next } = difference;
      const from =
        sources[next].head !== undefined || (await arrives(sources[next], io))
          ? next
          : next === 'client'
            ? 'server'
            : 'client';
      if (sources[from].head === undefined && !(await arrives(sources[from], io))) return undefined;
      difference.push(from, sources[from].shift() as CapturedPacket);
      progress.update(sources.client.octets + sources.server.octets, ++packets);
    }
  } catch (error) {
    if (error instanceof CommandError && error.status === Status.DATA) throw error;
    return error;
  } finally {
    progress.clear();
    await sources.client.close();
    await sources.server.close();
  }
}

/** Read until the next packet is there; false where none is left. */
async function arrives(source: CaptureSource, io: Io): Promise<boolean> {
  while (source.head === undefined) if (io.signal.aborted || !(await source.fill())) return false;
  return true;
}
