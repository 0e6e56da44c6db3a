/**
 * The fields that tshark 4.0 shows of an MPTCP option whatever its length: what it does where the RFC has no
 * form for the octets, or where the capture stops. Written from its answers.
 *
 * @module
 */
import { toHex, u8, u16, u32, u64 } from '../../src/bytes.ts';
import { formatAddress } from '../../src/ip/address.ts';
import type { Outcome } from './rule.ts';
import { ANY, hex, type Pairs } from './tshark.ts';

/**
 * What tshark shows of `bytes`, up to the first field that is not all there.
 *
 * @param length - as declared
 */
export function dissect(bytes: Uint8Array, length: number = bytes.length): Outcome<Pairs> {
  const option = new Dissection(bytes, length);
  try {
    option.show();
    return { reading: option.pairs };
  } catch (error) {
    if (error !== PAST_END) throw error;
    return { reading: option.pairs, fault: 'here' };
  }
}

const PAST_END = new Error('past the end');

class Dissection {
  readonly pairs: [field: string, value: string][] = [];
  readonly #bytes: Uint8Array;
  readonly #length: number;
  #at = 3;

  constructor(bytes: Uint8Array, length: number) {
    this.#bytes = bytes;
    this.#length = length;
  }

  show(): void {
    if (this.#bytes.length < 3) throw PAST_END;
    const octet = u8(this.#bytes, 2);
    const subtype = octet >>> 4;
    this.#put('subtype', subtype);
    if (subtype === 0) this.#capable(octet & 15);
    else if (subtype === 1) this.#join(octet);
    else if (subtype === 2) this.#dss();
    else if (subtype === 3) this.#addAddr(octet);
    else if (subtype === 4) this.#removeAddr();
    else if (subtype === 5) this.#prio(octet);
    else if (subtype === 6 || subtype === 7) {
      this.#reserved();
      this.#number(subtype === 6 ? 'rawdataseqno' : 'recvkey', 8);
    } else if (subtype === 8) {
      this.#flags(octet, ['flag_U.flag', 'flag_V.flag', 'flag_W.flag', 'flag_T.flag']);
      this.#hex('rst_reason', 1);
    }
  }

  /** All versions but 1 are read as version 0; from 2 on the token is whatever was in memory. */
  #capable(version: number): void {
    this.#put('version', version);
    const flags = this.#hex('flags', 1);
    this.#put('checksumreq.flags', flags >>> 7);
    this.#put('extensibility.flag', (flags >>> 6) & 1);
    if (version === 1) this.#put('nomoresubflows.flag', (flags >>> 5) & 1);
    this.#put('reserved.flag', hex((flags & (version === 1 ? 0x1e : 0x3e)) >>> 1, 2));
    this.#put(version === 1 ? 'sha256.flag' : 'sha1.flag', flags & 1);
    if (![12, 20, 22, 24].includes(this.#length)) return;
    this.#number('sendkey', 8);
    this.#put('mptcp.expected_token', ANY);
    this.#put('mptcp.expected_idsn', version > 1 ? '0' : ANY);
    if (this.#length > 12) this.#number('recvkey', 8);
    if (this.#length > 20) this.#number('datalvllen', 2);
    if (this.#length > 22) this.#hex('checksum', 2);
  }

  #join(octet: number): void {
    if (this.#length === 24) {
      this.#reserved();
      this.#put('sendhmac', toHex(this.#take(20)));
    } else if (this.#length === 12 || this.#length === 16) {
      this.#flags(octet, ['backup.flag']);
      this.#number('addrid', 1);
      if (this.#length === 12) this.#number('recvtok', 4);
      else this.#number('sendtrunchmac', 8);
      this.#number('sendrand', 4);
    }
  }

  #dss(): void {
    const flags = this.#hex('flags', 1);
    const names = ['datafin', 'dseqn8', 'dseqnpresent', 'dataack8', 'dataackpresent'];
    for (const [i, name] of names.entries()) this.#put(`${name}.flag`, (flags >>> (4 - i)) & 1);
    if (flags & 1) this.#number('rawdataack', flags & 2 ? 8 : 4);
    if ((flags & 4) === 0) return;
    this.#number('rawdataseqno', flags & 8 ? 8 : 4);
    this.#number('subflowseqno', 4);
    this.#number('datalvllen', 2);
    // Not where 2 octets are left, which is what a checksum takes.
    if (this.#length >= this.#at + 4) this.#hex('checksum', 2);
  }

  #addAddr(octet: number): void {
    const family = octet & 15;
    if (family === 4 || family === 6) this.#put('ipver', family);
    else this.#put('echo', octet & 1);
    this.#number('addrid', 1);
    const length = this.#length;
    const size = [8, 10, 16, 18].includes(length) ? 4 : 16;
    if (size === 16 && ![20, 22, 28, 30].includes(length)) return;
    this.#put(`ipv${size === 4 ? 4 : 6}`, formatAddress(this.#take(size), 0, size));
    if ([10, 18, 22, 30].includes(length)) this.#number('port', 2);
    if ([16, 18, 28, 30].includes(length)) this.#number('addaddrtrunchmac', 8);
  }

  #removeAddr(): void {
    this.#put('mptcp.rm_addr.count', this.#length - 3);
    while (this.#at < this.#length) this.#number('addrid', 1);
  }

  #prio(octet: number): void {
    this.#flags(octet, ['backup.flag']);
    if (this.#length === 4) this.#number('addrid', 1);
  }

  /** The 12 bits behind the subtype. */
  #reserved(): void {
    this.#at = 2;
    const octets = this.#take(2);
    this.#put('reserved', hex(u16(octets, 0) & 0xfff, 4));
  }

  /** The octet of the subtype, and its low bits by name. */
  #flags(octet: number, names: readonly string[]): void {
    this.#put('flags', hex(octet, 2));
    for (const [i, name] of names.entries()) this.#put(name, (octet >>> (names.length - 1 - i)) & 1);
  }

  #hex(field: string, size: 1 | 2): number {
    const octets = this.#take(size);
    const value = size === 1 ? u8(octets, 0) : u16(octets, 0);
    this.#put(field, hex(value, 2 * size));
    return value;
  }

  #number(field: string, size: 1 | 2 | 4 | 8): void {
    const octets = this.#take(size);
    this.#put(
      field,
      size === 1 ? u8(octets, 0) : size === 2 ? u16(octets, 0) : size === 4 ? u32(octets, 0) : u64(octets, 0),
    );
  }

  #take(size: number): Uint8Array {
    if (this.#at + size > this.#bytes.length) throw PAST_END;
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  #put(field: string, value: string | number | bigint): void {
    this.pairs.push([field, `${value}`]);
  }
}
