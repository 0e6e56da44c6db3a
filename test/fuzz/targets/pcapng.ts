import { law } from '../law.ts';
import { readInChunks } from '../reading.ts';

/** A pcapng file, the size of its chunks in the first octet: the same packets and damage in chunks and in one piece. */
export default function pcapng(bytes: Uint8Array): void {
  const file = bytes.subarray(1);
  const whole = readInChunks(file, file.length + 1);
  law(whole.length <= file.length + 1, 'no more packets than octets');
  law(whole.join() === readInChunks(file, 1 + (bytes[0] ?? 0)).join(), 'chunks make no difference');
}
