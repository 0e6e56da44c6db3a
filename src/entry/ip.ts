/**
 * From a frame or an IP packet to its TCP segment; addresses as text.
 *
 * @module
 */
export { formatAddress, parseAddress } from '../ip/address.ts';
export { type Endpoint, type Flow, filterFlows } from '../ip/flows.ts';
export { type Found, FrameCursor } from '../ip/frame.ts';
export { LinkType } from '../ip/link.ts';
export { decodeFrame, decodeIp, type Packet } from '../ip/packet.ts';
