import { law } from './law.ts';

/** A target with four conditions inside each other: chance alone needs 2^32 tries. */
export default function maze(bytes: Uint8Array): void {
  if (bytes[0] !== 0x4d) return;
  if (bytes[1] !== 0x50) return;
  if (bytes[2] !== 0x54) return;
  law(bytes[3] !== 0x43, 'nobody comes here');
}
