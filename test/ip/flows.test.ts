import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { PcapngWriter } from '../../src/capture/write.ts';
import { filterFlows } from '../../src/ip/flows.ts';
import { concat } from '../capture/container.ts';
import { captured, ethernet } from '../packet.ts';

const client = { address: '10.1.0.1', port: 50_000 };
const server = { address: '10.1.0.2', port: 443 };
const back = { source: server.address, destination: client.address, sourcePort: 443, destinationPort: 50_000 };

async function frames(
  packets: Parameters<typeof filterFlows>[0],
  flows: Parameters<typeof filterFlows>[1],
): Promise<number[]> {
  const kept: number[] = [];
  for await (const { frame } of filterFlows(packets, flows)) kept.push(frame);
  return kept;
}

test('both directions of the given flows, and nothing else', async () => {
  const packets = [
    captured(1),
    captured(2, back),
    captured(3, { sourcePort: 50_001 }),
    captured(4, { destinationPort: 444 }),
    captured(5, { destination: '10.1.0.3' }),
    captured(6, { source: 'fd00::1', destination: 'fd00::2' }),
    { ...captured(7), bytes: ethernet(0x0806, new Uint8Array(28)) },
    captured(8, { ...back, payload: Uint8Array.of(1) }),
    // The same ports the other way round.
    captured(9, { sourcePort: 443, destinationPort: 50_000 }),
  ];
  expect(await frames(packets, [{ client, server }])).toEqual([1, 2, 8]);
  const six = { client: { ...client, address: 'fd00::1' }, server: { ...server, address: 'fd00::2' } };
  expect(await frames(packets, [{ client, server }, six])).toEqual([1, 2, 6, 8]);
  expect(await frames(packets, [])).toEqual([]);
});

test('one subflow of a capture, written to a file of its own', async () => {
  const file = new Uint8Array(readFileSync('fixtures/captures/03-add-addr4.pcap'));
  const first = { client: { address: '10.1.0.1', port: 45_818 }, server: { address: '10.1.0.2', port: 5001 } };
  const writer = new PcapngWriter();
  const pieces: Uint8Array[] = [];
  for await (const packet of filterFlows(readCaptureSync(file), [first])) pieces.push(writer.push(packet));
  const kept = [...readCaptureSync(concat(...pieces, writer.end()))];
  const all = [...readCaptureSync(file)];
  expect(kept).toHaveLength(19);
  expect(kept[0]!.bytes).toEqual(all[2]!.bytes);
  expect(kept.map(({ frame }) => frame)).toEqual(kept.map((_, i) => i + 1));
  expect(await frames(all, [first])).toHaveLength(19);
});
