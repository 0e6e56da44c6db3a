// Compiled only: types as a consumer with strict settings sees them.
import { decodeOption, encodeOption, type Malformed, type MptcpOption } from 'mptcp-codec';
import { option } from 'mptcp-codec/arbitraries';
import { joinHmac } from 'mptcp-codec/auth';
import { mpPrio } from 'mptcp-codec/build';
import { type CapturedPacket, readCapture } from 'mptcp-codec/capture';
import { dssChecksum } from 'mptcp-codec/checksum';
import { decodeFrame } from 'mptcp-codec/ip';
import { type Explanation, explain, FORMS } from 'mptcp-codec/layout';
import { OptionCursor } from 'mptcp-codec/tcp';
import { formatOption, toJson } from 'mptcp-codec/text';
import { Tracer } from 'mptcp-codec/trace';
import { violations } from 'mptcp-codec/violations';

export const decoded: MptcpOption | Malformed = decodeOption(new Uint8Array(3));
export const octets: Uint8Array<ArrayBuffer> = encodeOption(mpPrio({ backup: true }));
export const fields: Explanation[] = explain(octets);
export const shapes: number = FORMS.length;
export const line: string = formatOption(decoded);
export const json: string = JSON.stringify(toJson(decoded));
export const broken: number = violations(decoded).length;
export const cursor: boolean = new OptionCursor().reset(octets).next();
export const made = option();
export const hmac: Uint8Array = joinHmac({
  senderKey: octets,
  receiverKey: octets,
  senderNonce: 1,
  receiverNonce: 2,
});
export const sum: number = dssChecksum({ dataSequenceNumber: 1n, subflowSequenceNumber: 1, dataLevelLength: 0 });

export async function trace(source: ReadableStream<Uint8Array>): Promise<number> {
  const tracer = new Tracer();
  for await (const packet of readCapture(source)) {
    const seen: CapturedPacket = packet;
    decodeFrame(seen.linkType, seen.bytes);
    tracer.push(packet);
  }
  return tracer.report().connections.length;
}

if (decoded.type === 'MP_JOIN' && decoded.form === 'syn') {
  const token: number = decoded.receiverToken;
  console.log(token);
}
