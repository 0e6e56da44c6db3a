import { explain } from '../../../src/explain/explain.ts';
import { FrameCursor } from '../../../src/ip/frame.ts';
import { LinkType } from '../../../src/ip/link.ts';
import { decodeFrame } from '../../../src/ip/packet.ts';
import { law } from '../law.ts';

const links = Object.values(LinkType);
const cursor = new FrameCursor();

/** A frame, its link type in the first octet, octets cut by the capture in the second: offsets stay inside. */
export default function packet([link = 0, cut = 0, ...octets]: Uint8Array): void {
  const [bytes, linkType] = [Uint8Array.from(octets), links[link % links.length]!];
  const found = cursor.reset(linkType, bytes, 0, bytes.length, bytes.length + cut);
  law(found === (decodeFrame(linkType, bytes, bytes.length + cut).found === 'tcp'), 'cursor and object agree');
  const { tcp, options, optionsEnd, payloadCaptured, payloadLength } = cursor;
  law(!found || (tcp + 20 === options && options <= optionsEnd && optionsEnd <= bytes.length), 'offsets are inside');
  law(!found || (payloadCaptured <= payloadLength && payloadCaptured <= bytes.length), 'payload is inside');
  const end = explain(bytes, 'frame').reduce(
    (at, { offset, bit, bits }) => (8 * offset + bit === at ? at + bits : -1),
    0,
  );
  law(end === 8 * bytes.length, 'explain partitions');
}
