/**
 * The DSS checksum: over a mapping's data and a pseudo-header that holds the mapping.
 *
 * RFC 8684 §3.3, figure 10; the same in RFC 6824:
 *
 * ```text
 * +--------------------------------------------------------------+
 * |                                                              |
 * |                Data Sequence Number (8 octets)               |
 * |                                                              |
 * +--------------------------------------------------------------+
 * |              Subflow Sequence Number (4 octets)              |
 * +-------------------------------+------------------------------+
 * |  Data-Level Length (2 octets) |        Zeros (2 octets)      |
 * +-------------------------------+------------------------------+
 * ```
 *
 * The data sequence number is the whole one, 64 bits, even where the option carries 32.
 *
 * @module
 */
import { octets, putU16, putU32, putU64, u16, u32 } from '../bytes.ts';
import { addSums, foldWords, onesComplementSum, swapOctets } from '../tcp/checksum.ts';

export { swapOctets };

/** What the pseudo-header holds, and which octets are covered. */
export interface ChecksumMapping {
  /** Of the first octet: all 64 bits. `toUint64` makes them from a wire number of 32. */
  readonly dataSequenceNumber: bigint;
  /** As the option carries it: relative, 32 bits; 0 on a DATA_FIN without data. */
  readonly subflowSequenceNumber: number;
  /** As the option carries it: octets of data, and one more for a DATA_FIN. 0: infinite mapping. */
  readonly dataLevelLength: number;
  /** Whether a DATA_FIN is counted. Absent: told by the data, one octet less than the length. */
  readonly dataFin?: boolean | undefined;
}

/** A pseudo-header: its last two octets stay 0. */
const scratch: Uint8Array = /* @__PURE__ */ new Uint8Array(16);

/**
 * The checksum of a mapping, 0 to 65535, from its data in any number of pieces, in order.
 *
 * An infinite mapping (length 0) has the checksum 0, which nobody verifies. MP_CAPABLE with
 * data is a mapping like any other: {@link firstMapping}.
 *
 * @throws RangeError when the pieces are not exactly the data that the mapping covers
 * @throws RangeError or TypeError that names the field that has no octets
 * @example
 * ```ts
 * const mapping = { dataSequenceNumber: 0x6842b501b1712fb6n, subflowSequenceNumber: 1, dataLevelLength: 1 };
 * dssChecksum(mapping, fromHex('63')); // 0x9e91
 * ```
 */
export function dssChecksum(mapping: ChecksumMapping, ...payload: readonly Uint8Array[]): number {
  return sumOf(mapping, payload).checksum();
}

/**
 * Whether a mapping's checksum fits its data. That of an infinite mapping always does.
 *
 * @param mapping - the mapping with its `checksum`
 * @param payload - the data that it covers, in any number of pieces, in order
 * @throws as {@link dssChecksum} does
 */
export function verifyDssChecksum(
  mapping: ChecksumMapping & { readonly checksum?: number | undefined },
  ...payload: readonly Uint8Array[]
): boolean {
  return sumOf(mapping, payload).verify(mapping.checksum);
}

/**
 * The mapping that an MP_CAPABLE with data stands for: it begins at IDSN + 1 and at the first
 * octet after the SYN, and counts no DATA_FIN. RFC 8684 §3.1.
 *
 * @param idsn - initial data sequence number of the data's sender
 */
export function firstMapping(idsn: bigint, dataLevelLength: number): ChecksumMapping {
  return {
    dataSequenceNumber: BigInt.asUintN(64, idsn + 1n),
    subflowSequenceNumber: 1,
    dataLevelLength,
    dataFin: false,
  };
}

/**
 * A checksum that grows with the data: a mapping may span segments, begin in the middle of
 * one, and be cut at odd octets.
 *
 * @example
 * ```ts
 * const sum = new DssChecksum(mapping);
 * sum.add(segment, 3); // the mapping begins 3 octets into this segment
 * sum.add(next);
 * if (sum.missing === 0) sum.verify(checksum);
 * ```
 */
export class DssChecksum {
  /** Octets of data that the mapping covers; without `dataFin` the most it may cover. */
  private readonly most: number;
  /** The fewest that it may cover. */
  private readonly least: number;
  private readonly infinite: boolean;
  private sum: number;
  private added: number;

  /** @throws RangeError or TypeError that names the field that has no octets */
  constructor(mapping: ChecksumMapping) {
    const { dataLevelLength: length, dataFin } = mapping;
    putU64(scratch, 0, mapping.dataSequenceNumber, 'dataSequenceNumber');
    putU32(scratch, 8, mapping.subflowSequenceNumber, 'subflowSequenceNumber');
    putU16(scratch, 12, length, 'dataLevelLength');
    this.sum = foldWords(u32(scratch, 0) + u32(scratch, 4) + u32(scratch, 8) + u32(scratch, 12));
    this.added = 0;
    this.infinite = length === 0;
    this.most = dataFin === true ? Math.max(0, length - 1) : length;
    this.least = dataFin === false ? length : Math.max(0, length - 1);
  }

  /** Octets of data still to be added, of the fewest that the mapping may cover. */
  get missing(): number {
    return Math.max(0, this.least - this.added);
  }

  /**
   * Add the mapping's next octets.
   *
   * @param bytes - buffer that holds them
   * @param offset - offset of the first
   * @param length - how many
   * @throws RangeError when the mapping does not cover them, or the buffer does not hold them
   */
  add(bytes: Uint8Array, offset = 0, length: number = octets(bytes, 'payload').length - offset): this {
    const sum = onesComplementSum(bytes, offset, length);
    if (this.added + length > this.most) throw this.unfit(this.added + length);
    this.sum = addSums(this.sum, this.added & 1 ? swapOctets(sum) : sum);
    this.added += length;
    return this;
  }

  /** The checksum, 0 to 65535. RangeError while data is missing. */
  checksum(): number {
    if (this.missing > 0) throw this.unfit(this.added);
    return this.infinite ? 0 : this.sum ^ 0xffff;
  }

  /**
   * Whether `checksum` fits what was added: the sum of both is 0xffff.
   *
   * One that fits with its octets exchanged comes from Linux 5.14 to 5.17 on a little-endian
   * machine: `verify(swapOctets(checksum))`.
   *
   * @throws RangeError while data is missing, or for a checksum out of 16 bits
   */
  verify(checksum: number | undefined): boolean {
    putU16(scratch, 0, checksum, 'checksum');
    if (this.missing > 0) throw this.unfit(this.added);
    return this.infinite || addSums(this.sum, u16(scratch, 0)) === 0xffff;
  }

  private unfit(found: number): RangeError {
    const { least, most } = this;
    return new RangeError(
      `payload must be the ${least === most ? most : `${least} or ${most}`} octets that the mapping covers, got ${found}`,
    );
  }
}

function sumOf(mapping: ChecksumMapping, payload: readonly Uint8Array[]): DssChecksum {
  const sum = new DssChecksum(mapping);
  for (const piece of payload) sum.add(piece);
  return sum;
}
