/** The table of what fits into a TCP header, computed. */
import { fromHex } from '../../src/bytes.ts';
import { parseAddress } from '../../src/ip/address.ts';
import {
  addAddr,
  addAddrEcho,
  dss,
  joinAck,
  joinSyn,
  joinSynAck,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
  mpFail,
  mpFastclose,
  mpPrio,
  mpTcprst,
} from '../../src/mptcp/build.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { alignOptions, OPTION_SPACE, type OptionItem, sizeOfOptionList } from '../../src/tcp/options.ts';

const other = (kind: number, length: number): Uint8Array =>
  Uint8Array.of(kind, length, ...new Array<number>(length - 2).fill(0));
const MSS = other(2, 4);
const WINDOW_SCALE = other(3, 3);
const SACK_PERMITTED = other(4, 2);
const TIMESTAMPS = other(8, 10);
const sack = (blocks: number): Uint8Array => other(5, 2 + 8 * blocks);

const keys = { senderKey: fromHex('0000000000000001'), receiverKey: fromHex('0000000000000002') };
const nonces = { ...keys, senderNonce: 1, receiverNonce: 2 };
const v4 = addAddr({ ...keys, addressId: 1, address: parseAddress('192.0.2.1') });
const v4port = addAddr({ ...keys, addressId: 1, address: parseAddress('192.0.2.1'), port: 443 });
const v6 = addAddr({ ...keys, addressId: 1, address: parseAddress('2001:db8::1') });
const v6port = addAddr({ ...keys, addressId: 1, address: parseAddress('2001:db8::1'), port: 443 });
const ack4 = dss({ dataAck: 1n, width: 4 });
const ack8 = dss({ dataAck: 1n });
const mapping = (width: 4 | 8, ack: 4 | 8, checksumRequired: boolean) =>
  dss({
    dataAck: 1n,
    width: ack,
    mapping: { dataSequenceNumber: 1n, width, subflowSequenceNumber: 1, payload: new Uint8Array(1), checksumRequired },
  });

const ROWS: readonly (readonly [string, readonly (MptcpOption | Uint8Array)[], 'syn' | 'other'])[] = [
  ['SYN, MP_CAPABLE version 1', [mpCapableSyn()], 'syn'],
  ['SYN, MP_CAPABLE version 1, Fast Open cookie of 8', [mpCapableSyn(), other(34, 10)], 'syn'],
  ['SYN, MP_CAPABLE version 0', [mpCapableSyn({ version: 0, senderKey: keys.senderKey })], 'syn'],
  ['SYN, MP_CAPABLE version 1, MD5', [mpCapableSyn(), other(19, 18)], 'syn'],
  ['SYN, MP_JOIN', [joinSyn({ ...nonces, addressId: 1 })], 'syn'],
  ['SYN/ACK, MP_CAPABLE', [mpCapableSynAck(keys)], 'syn'],
  ['SYN/ACK, MP_JOIN', [joinSynAck({ ...nonces, addressId: 1 })], 'syn'],
  ['ACK, MP_CAPABLE', [mpCapableAck(keys)], 'other'],
  [
    'data, MP_CAPABLE with checksum',
    [mpCapableAck({ ...keys, checksumRequired: true, payload: new Uint8Array(1) })],
    'other',
  ],
  ['ACK, MP_JOIN', [joinAck(nonces)], 'other'],
  ['ACK, Data ACK of 4', [ack4], 'other'],
  ['ACK, Data ACK of 4, SACK of 2', [ack4, sack(2)], 'other'],
  ['ACK, Data ACK of 8', [ack8], 'other'],
  ['ACK, Data ACK of 8, SACK of 1', [ack8, sack(1)], 'other'],
  ['ACK, Data ACK of 8, SACK of 2', [ack8, sack(2)], 'other'],
  ['data, DSS of 4 and 4', [mapping(4, 4, false)], 'other'],
  ['data, DSS of 8 and 8', [mapping(8, 8, false)], 'other'],
  ['data, DSS of 8 and 8 with checksum', [mapping(8, 8, true)], 'other'],
  ['the same, SACK of 1', [mapping(8, 8, true), sack(1)], 'other'],
  ['the same, MP_PRIO', [mapping(8, 8, true), mpPrio({ backup: true })], 'other'],
  ['ACK, Data ACK of 8, MP_PRIO', [ack8, mpPrio({ backup: true })], 'other'],
  ['ACK, ADD_ADDR IPv4', [v4], 'other'],
  ['ACK, ADD_ADDR IPv4 with port', [v4port], 'other'],
  ['ACK, ADD_ADDR IPv6', [v6], 'other'],
  ['ACK, ADD_ADDR IPv6 with port', [v6port], 'other'],
  ['ACK, echo of IPv6 with port', [addAddrEcho(v6port)], 'other'],
  ['ACK, Data ACK of 8, MP_FAIL', [ack8, mpFail(1n)], 'other'],
  ['RST, MP_FASTCLOSE, MP_TCPRST', [mpFastclose(keys.receiverKey), mpTcprst({ reason: 0 })], 'other'],
];

export function fitTable(): Markup {
  return html`<div class="scroll"><table class="fit"><thead><tr><th scope="col">Segment</th><th scope="col">With timestamps</th><th scope="col">Without</th></tr></thead><tbody>${ROWS.map(
    ([name, items, kind]) =>
      html`<tr><th scope="row">${name}</th>${cell(withOthers(items, kind, true))}${cell(withOthers(items, kind, false))}</tr>`,
  )}</tbody></table></div>`;
}

function withOthers(items: readonly OptionItem[], kind: 'syn' | 'other', timestamps: boolean): readonly OptionItem[] {
  if (kind === 'syn')
    return timestamps
      ? [MSS, SACK_PERMITTED, TIMESTAMPS, WINDOW_SCALE, ...items]
      : [MSS, SACK_PERMITTED, WINDOW_SCALE, ...items];
  return timestamps ? [TIMESTAMPS, ...items] : items;
}

function cell(items: readonly OptionItem[]): Markup {
  const size = sizeOfOptionList(alignOptions(items));
  const fits = size <= OPTION_SPACE;
  return html`<td class="${fits ? 'fits' : 'over'}"><meter min="0" max="${OPTION_SPACE}" value="${Math.min(size, OPTION_SPACE)}" aria-hidden="true"></meter> ${size}${!fits && ' too many'}</td>`;
}
