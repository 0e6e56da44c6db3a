/**
 * ADD_ADDR: Add Address, subtype 0x3.
 *
 * RFC 8684 §3.4.1, figure 12:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-------+---------------+
 * |     Kind      |     Length    |Subtype|(rsv)|E|  Address ID   |
 * +---------------+---------------+-------+-------+---------------+
 * |           Address (IPv4: 4 octets / IPv6: 16 octets)          |
 * +-------------------------------+-------------------------------+
 * |   Port (2 octets, optional)   |                               |
 * +-------------------------------+                               |
 * |                Truncated HMAC (8 octets, if E=0)              |
 * |                               +-------------------------------+
 * |                               |
 * +-------------------------------+
 * ```
 *
 * RFC 6824 §3.4.1 has the IP version (4 or 6) in the place of `(rsv)` and E, no echo and
 * no HMAC. The two never share both length and nibble: version 1 without an HMAC is an
 * echo, whose nibble is odd.
 *
 * @module
 */
import { bits, flag, octets, putOctets, putU8, putU16, u8, u16, unfit } from '../bytes.ts';
import { type Field, type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Advertises an address of the sender, or (E) confirms that such an advertisement arrived. */
export interface AddAddr {
  readonly type: 'ADD_ADDR';
  readonly version: 0 | 1;
  /** E: confirms the peer's advertisement of the same id, address and port. Never in version 0. */
  readonly echo: boolean;
  /** Identifies the address, 0 to 255. */
  readonly addressId: number;
  /** 4 or 16 octets. Aliases the decoded buffer. */
  readonly address: Uint8Array;
  /** TCP port; absent: the port of the subflow that carries the option. */
  readonly port?: number | undefined;
  /** Rightmost 64 bits of the HMAC, 8 octets; absent in an echo and in version 0. Aliases the decoded buffer. */
  readonly truncatedHmac?: Uint8Array | undefined;
  /** Meaningless bits, in place: `0x0e` of octet 2 in version 1. */
  readonly reserved?: number | undefined;
}

/** E: echo. */
const E = 0x01;
const RESERVED = 0x0e;
const HMAC = 8;

/**
 * Decode an ADD_ADDR option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeAddAddr(bytes: Uint8Array, offset: number, length: number): AddAddr | Malformed {
  const low = u8(bytes, offset + 2) & 0x0f;
  const withHmac = length === 16 || length === 18 || length === 28 || length === 30;
  const bare = withHmac ? length - HMAC : length;
  if (bare !== 8 && bare !== 10 && bare !== 20 && bare !== 22) return malformed('length', 1, bytes, offset, length);
  const echo = (low & E) !== 0;
  if (echo && withHmac) return malformed('length', 1, bytes, offset, length);
  const family = bare < 20 ? 4 : 6;
  const version = withHmac || echo ? 1 : 0;
  if (version === 0 && low !== 4 && low !== 6) return malformed('no-hmac', 2, bytes, offset, length);
  if (version === 0 && low !== family) return malformed('family', 2, bytes, offset, length);
  const end = offset + (family === 4 ? 8 : 20);
  const hmac = offset + bare;
  return {
    type: 'ADD_ADDR',
    version,
    echo,
    addressId: u8(bytes, offset + 3),
    address: bytes.subarray(offset + 4, end),
    port: end === hmac ? undefined : u16(bytes, end),
    truncatedHmac: withHmac ? bytes.subarray(hmac, hmac + HMAC) : undefined,
    reserved: version === 0 ? 0 : low & RESERVED,
  };
}

/** Size of an ADD_ADDR option on the wire, in octets. */
export function sizeOfAddAddr(option: AddAddr): number {
  const bare = 4 + option.address.length + (option.port === undefined ? 0 : 2);
  return bare + (option.truncatedHmac === undefined ? 0 : HMAC);
}

/**
 * Encode an ADD_ADDR option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeAddAddr(option: AddAddr, bytes: Uint8Array, offset: number): number {
  const { port, truncatedHmac } = option;
  const address = octets(option.address, 'ADD_ADDR.address');
  if (address.length !== 4 && address.length !== 16) {
    throw new RangeError(`ADD_ADDR.address must be 4 or 16 octets, got ${address.length}`);
  }
  const low = lowBits(option);
  let at = putHead(bytes, offset, sizeOfAddAddr(option), 'ADD_ADDR');
  at = putU8(bytes, at, 0x30 | low, 'ADD_ADDR.reserved');
  at = putU8(bytes, at, option.addressId, 'ADD_ADDR.addressId');
  at = putOctets(bytes, at, address, address.length, 'ADD_ADDR.address');
  if (port !== undefined) at = putU16(bytes, at, port, 'ADD_ADDR.port');
  if (truncatedHmac === undefined) return at;
  return putOctets(bytes, at, truncatedHmac, HMAC, 'ADD_ADDR.truncatedHmac');
}

/** The twelve wire shapes of ADD_ADDR: three kinds, two families, port or not. */
export const ADD_ADDR_FORMS: readonly Form[] = /* @__PURE__ */ forms();

/** The low nibble of octet 2: IPVer in version 0; reserved bits and E in version 1. */
function lowBits({ version, echo, address, truncatedHmac, reserved = 0 }: AddAddr): number {
  if (version !== 0 && version !== 1) throw unfit('ADD_ADDR.version', version, '0 or 1');
  if (version === 0) {
    if (flag(echo, E, 'ADD_ADDR.echo')) throw new RangeError('ADD_ADDR.echo must be false in version 0');
    if (truncatedHmac !== undefined) throw new RangeError('ADD_ADDR.truncatedHmac must be absent in version 0');
    bits(reserved, 0, 'ADD_ADDR.reserved');
    return address.length === 4 ? 4 : 6;
  }
  const low = flag(echo, E, 'ADD_ADDR.echo') | bits(reserved, RESERVED, 'ADD_ADDR.reserved');
  if (echo === (truncatedHmac !== undefined)) {
    throw new RangeError('ADD_ADDR.truncatedHmac must be absent from an echo, and only from an echo');
  }
  return low;
}

function forms(): Form[] {
  const id: Field = {
    name: 'addressId',
    bits: 8,
    label: 'Address ID',
    note: "Identifies the sender's address in MP_JOIN and REMOVE_ADDR.",
    wireshark: 'tcp.options.mptcp.addrid',
  };
  const port: Field = {
    name: 'port',
    bits: 16,
    label: 'Port',
    note: 'Absent: the port that the subflow already uses.',
    wireshark: 'tcp.options.mptcp.port',
  };
  const hmac: Field = {
    name: 'truncatedHmac',
    bits: 64,
    label: 'Truncated HMAC',
    type: 'octets',
    note: 'Rightmost 64 bits of HMAC-SHA256(sender key || receiver key, Address ID || Address || Port).',
    wireshark: 'tcp.options.mptcp.addaddrtrunchmac',
  };
  const e = (is: number): Field => ({
    name: 'echo',
    bits: 1,
    label: 'E',
    is: [is, is],
    means: { 0: 'advertisement', 1: 'echo: confirms an advertisement' },
    wireshark: 'tcp.options.mptcp.echo',
  });
  const ipVer = (is: number): Field => ({
    name: 'ipVer',
    bits: 4,
    label: 'IPVer',
    is: [is, is],
    means: { 4: 'IPv4', 6: 'IPv6' },
    wireshark: 'tcp.options.mptcp.ipver',
  });
  const families = [
    { ip: 4, bits: 32 },
    { ip: 6, bits: 128 },
  ];
  return families.flatMap(({ ip, bits }) => {
    const address: Field = {
      name: 'address',
      bits,
      label: `Address (IPv${ip})`,
      type: 'address',
      wireshark: `tcp.options.mptcp.ipv${ip}`,
    };
    return [[address], [address, port]].flatMap((place) => {
      const name = `IPv${ip}${place.length === 2 ? ' port' : ''}`;
      const v1 = [...headFields(3), reservedField(3)];
      return [
        form('ADD_ADDR', name, '8684 §3.4.1', [...v1, e(0), id, ...place, hmac]),
        form('ADD_ADDR', `${name} echo`, '8684 §3.4.1', [...v1, e(1), id, ...place]),
        form('ADD_ADDR', `${name} version 0`, '6824 §3.4.1', [...headFields(3), ipVer(ip), id, ...place]),
      ];
    });
  });
}
