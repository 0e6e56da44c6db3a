import { readCaptureSync } from '../../../src/capture/capture.ts';
import { CaptureError } from '../../../src/capture/packet.ts';
import { Tracer } from '../../../src/trace/tracer.ts';
import { law } from '../law.ts';
import { refused } from '../refused.ts';

/** A capture, traced: a report, and the same one without the short way for ordinary segments. */
export default function trace(bytes: Uint8Array): void {
  const packets = refused(() => [...readCaptureSync(bytes)], [CaptureError]) ?? [];
  const reports = [true, false].map((steady) => {
    const tracer = new Tracer({ steady, flows: 64, connections: 64 });
    for (const packet of packets) tracer.push(packet);
    return JSON.stringify(tracer.report(), (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  });
  law(reports[0] === reports[1], 'the short way makes no difference');
}
