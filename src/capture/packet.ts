/**
 * One packet of a capture.
 *
 * @module
 */

/** One captured packet. Its octets may be kept. */
export interface CapturedPacket {
  /** Number of the frame, from 1, over all frames of the file, as Wireshark counts them. */
  readonly frame: number;
  /** Nanoseconds since the epoch; 0 where the file records none. */
  readonly time: bigint;
  /** LINKTYPE_ value: how {@link bytes} begins. */
  readonly linkType: number;
  /** The captured octets. */
  readonly bytes: Uint8Array;
  /** Octets that the packet had on the wire. */
  readonly originalLength: number;
  /** Name of the interface, where the file gives one. */
  readonly interface?: string | undefined;
}

/** The first damage met in a capture. */
export interface Damage {
  /** Offset in the (inflated) file. */
  readonly at: number;
  /** What is wrong there, in words. */
  readonly message: string;
  /** Octets of the whole file that could not be read as packets, as far as known. */
  readonly lostOctets: number;
}

/** Octets that are no capture. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  /** Offset in the (inflated) file. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Where a container's reader puts the packet it has found. All fields stay as they are until the next one. */
export interface PacketSlot {
  frame: number;
  seconds: number;
  nanoseconds: number;
  linkType: number;
  bytes: Uint8Array;
  offset: number;
  length: number;
  originalLength: number;
  interface: string | undefined;
}

/** Octets of the longest packet a capture may hold, as libpcap and Wireshark have it; a longer one is damage. */
export const LONGEST_PACKET = 262_144;
