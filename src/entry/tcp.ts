/**
 * The TCP header and its option list: walked, decoded, encoded, padded, and kept within 40 octets.
 *
 * @module
 */
export { OptionCursor } from '../tcp/cursor.ts';
export {
  alignOptions,
  decodeOptionList,
  encodeOptionList,
  fits,
  mptcpOptions,
  OPTION_SPACE,
  type OptionItem,
  sizeOfOptionList,
} from '../tcp/options.ts';
export { decodeTcp, type TcpSegment } from '../tcp/segment.ts';
export { OptionWalk } from '../tcp/walk.ts';
