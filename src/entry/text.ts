/**
 * Options and packets as text: lines in the words of tcpdump, JSON both ways, Wireshark's field names.
 *
 * @module
 */
export { fromJson, type Json, type JsonObject, type TextOptions, toJson } from '../text/json.ts';
export { formatOption, formatPacket } from '../text/line.ts';
export { decodePacket, type MptcpPacket, type OptionsError } from '../text/packet.ts';
export { WIRESHARK_FIELDS, type WiresharkField } from '../text/wireshark.ts';
