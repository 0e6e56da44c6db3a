/**
 * Programs that some tests compare with or need.
 *
 * A test that needs one skips where it is missing, and says so in its name:
 *
 * ```ts
 * test.skipIf(!has('tshark'))('the same fields as tshark (needs tshark)', () => { ... });
 * ```
 *
 * With `MPTCP_CODEC_REQUIRE_TOOLS=1` a missing program is an error: a full run skips nothing unseen.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** Whether `tool` is on the PATH; `root`: whether this process is the superuser's. */
export function has(tool: string): boolean {
  const found = tool === 'root' ? process.getuid?.() === 0 : onPath(tool);
  if (!found && process.env['MPTCP_CODEC_REQUIRE_TOOLS'] === '1') {
    throw new Error(`${tool} is missing, and MPTCP_CODEC_REQUIRE_TOOLS=1 asks for every tool`);
  }
  return found;
}

function onPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
