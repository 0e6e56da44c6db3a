/**
 * Capture files, pcap and pcapng, gzipped or not: read in bounded memory, and written.
 *
 * @module
 */
export { CaptureReader, type ReadOptions, readCapture, readCaptureSync } from '../capture/capture.ts';
export { inTimeOrder } from '../capture/order.ts';
export { type CapturedPacket, CaptureError, type Damage } from '../capture/packet.ts';
export { PcapngWriter, PcapWriter } from '../capture/write.ts';
