/**
 * What is kept of connections that ended a while ago says the same as the whole.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { reportLines } from '../../src/text/report.ts';
import { hasError, Shelf } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { connections } from '../bench/connections.ts';

/** The report on these packets, as it is kept and as objects. */
function both(packets: Iterable<CapturedPacket>) {
  const [kept, whole] = [new Tracer(), new Tracer()];
  for (const packet of packets) {
    kept.push(packet);
    whole.push(packet);
  }
  return { kept: kept.outlines(), whole: whole.report() };
}

function capture(name: string): Generator<CapturedPacket> {
  return readCaptureSync(new Uint8Array(readFileSync(`fixtures/captures/${name}`)));
}

describe.each([
  ['more connections than are kept whole', () => connections(150)],
  ['a capture without findings', () => capture('01-basic.pcap')],
  ['a capture with errors', () => capture('14e-load-balancer-no-c.pcap')],
])('%s', (_, packets) => {
  test.each([true, false])('the same lines, keys %s', (keys) => {
    const { kept, whole } = both(packets());
    expect([...reportLines(kept, { keys })]).toEqual([...reportLines(whole, { keys })]);
    expect(kept.connections.map(hasError)).toEqual(whole.connections.map(hasError));
  });
});

test('texts of any length and script stand behind each other', () => {
  const shelf = new Shelf();
  const texts = ['a', 'é€😀', 'x'.repeat(3_000_000), '', 'b'.repeat(700_000), 'ü'.repeat(600_000), 'end'];
  const places = texts.map((text) => {
    const octets = shelf.put(text);
    return shelf.octets.subarray(shelf.end - octets, shelf.end);
  });
  expect(places.map((octets) => new TextDecoder().decode(octets))).toEqual(texts);
});
