/**
 * Every field of given octets, in words.
 *
 * @module
 */
import { detect, type Layer } from './detect.ts';
import { Annotator, type Explanation, inOctets } from './explanation.ts';
import { explainOption, explainOptions } from './option.ts';
import { explainFrame, explainIp, explainTcp } from './packet.ts';

/**
 * Explain octets field by field: the result covers every bit of them once, in order. Total: what
 * cannot be read is one field `malformed`, whose text says what was expected.
 *
 * @param bytes - an option, an option list, or a packet from its TCP, IP or link header on
 * @param as - which of them; by default what {@link detect} finds
 * @example
 * ```ts
 * for (const { label, text } of explain(fromHex('1e048006'))) console.log(label, text);
 * // ... Subtype 0x8: MP_TCPRST ... T clear: permanent ... Reason 6: Middlebox interference
 * ```
 */
export function explain(bytes: Uint8Array, as: Layer = detect(bytes)): Explanation[] {
  const to = new Annotator(bytes);
  if (as === 'frame') explainFrame(to);
  else if (as === 'ip') explainIp(to);
  else if (as === 'tcp') explainTcp(to);
  else if (as === 'options') explainOptions(to, bytes.length);
  else if (bytes.length > 0) explainOption(to, bytes.length);
  to.rest('trailer', 'trailer', 'Trailer', `${inOctets(bytes.length - to.offset)} behind the end`, bytes.length);
  return to.found;
}
