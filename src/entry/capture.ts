/**
 * Capture files, pcap and pcapng, gzipped or not: read in bounded memory, and written.
 *
 * @module
 */
export { CaptureReader, type ReadOptions, readCapture, readCaptureSync } from '../capture/capture.ts';
export { inTimeOrder, TimeWindow } from '../capture/order.ts';
export { type CapturedPacket, CaptureError, type Damage, type PacketSlot } from '../capture/packet.ts';
export { PcapngWriter, PcapWriter, type Written } from '../capture/write.ts';
