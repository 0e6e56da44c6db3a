/**
 * A capture in chunks of some size, and what was read of it.
 *
 * @module
 */
import { CaptureReader } from '../../src/capture/capture.ts';
import { CaptureError } from '../../src/capture/packet.ts';
import { law } from './law.ts';

/** One line for each packet, then one for the damage; the one of the error where it is no capture. */
export function readInChunks(bytes: Uint8Array, size: number): string[] {
  const reader = new CaptureReader();
  const lines: string[] = [];
  const drain = (): void => {
    while (reader.next()) {
      const { offset, length, originalLength, linkType, seconds, nanoseconds } = reader;
      law(offset >= 0 && offset + length <= reader.bytes.length, 'packets are inside');
      let sum = 0;
      for (let i = offset; i < offset + length; i++) sum = (Math.imul(sum, 31) + reader.bytes[i]!) | 0;
      lines.push(
        `${reader.frame} ${linkType} ${seconds}.${nanoseconds} ${length}/${originalLength} ${reader.interface} ${sum}`,
      );
    }
  };
  try {
    for (let at = 0; at < bytes.length; at += size) {
      reader.push(bytes.slice(at, at + size));
      drain();
    }
    reader.end();
    drain();
    lines.push(`${reader.position} ${reader.damage?.at} ${reader.damage?.message}`);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    lines.push(error.message);
  }
  return lines;
}
