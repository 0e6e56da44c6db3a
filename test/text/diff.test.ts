import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { diff } from '../../src/diff/diff.ts';
import { formatDiff } from '../../src/text/diff.ts';

function packetsOf(name: string) {
  return [...readCaptureSync(new Uint8Array(readFileSync(`fixtures/captures/${name}`)))];
}

test.each(['12d-strip-mid', '14e-load-balancer-no-c', '15-nat-path2'])('%s: what the path changed', async (name) => {
  const report = diff(packetsOf(`${name}.pcap`), packetsOf(`server/${name}.pcap`));
  await expect(formatDiff(report)).toMatchFileSnapshot(`golden/diff/${name}.txt`);
});
