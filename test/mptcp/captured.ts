/**
 * What a capture holds that keys and data can check: joins, advertisements and checksums.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { toHex } from '../../src/bytes.ts';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { decodeFrame } from '../../src/ip/packet.ts';
import type { AddAddr } from '../../src/mptcp/add-addr.ts';
import { ConnectionKeys, idsn, token } from '../../src/mptcp/auth.ts';
import { type ChecksumMapping, DssChecksum, firstMapping } from '../../src/mptcp/checksum.ts';
import type { MpJoinSyn, MpJoinSynAck } from '../../src/mptcp/mp-join.ts';
import { encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { toUint64 } from '../../src/mptcp/sequence.ts';

const CAPTURES = new URL('../../../shared/captures/', import.meta.url);

/** The captures beside the repository that come with a description; none where they are not there. */
export function capturesAtHand(): string[] {
  if (!existsSync(CAPTURES)) return [];
  return readdirSync(CAPTURES).filter((name) => existsSync(new URL(`${name}/any.pcap`, CAPTURES)));
}

/** What the maker of a capture found in it. */
export interface Described {
  readonly check: string;
  readonly ok: boolean;
  readonly good?: number;
  readonly bad?: number;
}

export function described(name: string): Described[] {
  const truth = JSON.parse(readFileSync(new URL(`${name}/truth.json`, CAPTURES), 'utf8'));
  return truth.connections.flatMap((connection: { verdicts?: Described[] }) => connection.verdicts ?? []);
}

/** How many were right, and how many were not. */
export interface Verdicts {
  readonly synAck: boolean[];
  readonly ack: boolean[];
  readonly addAddr: boolean[];
  readonly checksum: boolean[];
}

/** One direction of a subflow. */
interface Direction {
  readonly keys: ConnectionKeys;
  /** Sequence number of the SYN. */
  readonly initial: number;
  /** Relative sequence number of the first octet, and the data. */
  readonly data: [number, Uint8Array][];
}

/** Check everything in a capture with keys of that capture alone. */
export function verdictsOf(name: string): Verdicts {
  const verdicts: Verdicts = { synAck: [], ack: [], addAddr: [], checksum: [] };
  const byToken = new Map<number, ConnectionKeys>();
  const initials = new Map<string, number>();
  const directions = new Map<string, Direction>();
  const joins = new Map<string, { keys: ConnectionKeys; syn: MpJoinSyn; synAck?: MpJoinSynAck }>();
  const mappings: [Direction, ChecksumMapping, number][] = [];
  const seen = new Set<string>();

  const open = (flow: string, back: string, keys: ConnectionKeys) => {
    directions.set(flow, { keys, initial: initials.get(flow) ?? 0, data: [] });
    directions.set(back, { keys: keys.reversed(), initial: initials.get(back) ?? 0, data: [] });
  };

  for (const { option, flow, back, sequenceNumber, syn, payload, wire } of options(name)) {
    if (syn) initials.set(flow, sequenceNumber);
    let direction = directions.get(flow);
    if (option?.type === 'MP_CAPABLE' && option.senderKey && option.receiverKey) {
      const keys = new ConnectionKeys(option.senderKey, option.receiverKey, option.version === 0 ? 0 : 1);
      if (toHex(direction?.keys.localKey ?? new Uint8Array()) !== toHex(keys.localKey)) {
        byToken.set(token(keys.localKey, keys.version), keys);
        byToken.set(token(keys.remoteKey, keys.version), keys.reversed());
        open(flow, back, keys);
      }
    }
    if (option?.type === 'MP_JOIN') {
      if (option.form === 'syn') {
        const keys = byToken.get(option.receiverToken)?.reversed();
        if (keys !== undefined) {
          open(flow, back, keys);
          joins.set(flow, { keys, syn: option });
        }
      }
      const join = joins.get(option.form === 'syn-ack' ? back : flow);
      if (join !== undefined && option.form === 'syn-ack') {
        directions.set(flow, { keys: join.keys.reversed(), initial: sequenceNumber, data: [] });
        join.synAck = option;
        if (fresh(seen, flow, wire)) {
          const { nonce } = join.syn;
          verdicts.synAck.push(join.keys.verifyTruncatedJoinHmac(nonce, option.nonce, option.truncatedHmac));
        }
      }
      if (join?.synAck !== undefined && option.form === 'ack') {
        const { syn, synAck } = join;
        verdicts.ack.push(join.keys.reversed().verifyJoinHmac(synAck.nonce, syn.nonce, option.hmac));
      }
    }
    direction = directions.get(flow);
    if (direction === undefined) continue;
    const { keys, data } = direction;
    if (payload.length > 0) data.push([(sequenceNumber - direction.initial) >>> 0, payload]);
    if (option?.type === 'ADD_ADDR' && !option.echo) {
      const { addressId, address, port, truncatedHmac } = option as AddAddr & { truncatedHmac: Uint8Array };
      verdicts.addAddr.push(keys.reversed().verifyAddAddrHmac(addressId, address, port, truncatedHmac));
    }
    const mapped = mappingOf(option, keys);
    if (mapped !== undefined && fresh(seen, flow, mapped.key)) {
      mappings.push([direction, mapped.mapping, mapped.checksum]);
    }
  }
  for (const [direction, mapping, checksum] of mappings) {
    const good = checkSum(direction, mapping, checksum);
    if (good !== undefined) verdicts.checksum.push(good);
  }
  return verdicts;
}

function fresh(seen: Set<string>, flow: string, wire: string): boolean {
  const key = `${flow} ${wire}`;
  return !seen.has(key) && seen.add(key) !== undefined;
}

/** The mapping of an option that has a checksum. */
function mappingOf(option: MptcpOption | undefined, keys: ConnectionKeys) {
  const first = idsn(keys.localKey, keys.version);
  if (option?.type === 'MP_CAPABLE' && option.dataLevelLength !== undefined && option.checksum !== undefined) {
    const mapping = firstMapping(first, option.dataLevelLength);
    return { mapping, checksum: option.checksum, key: `${mapping.dataSequenceNumber} 1 ${option.checksum}` };
  }
  if (option?.type !== 'DSS' || !option.mapping?.checksum || option.mapping.dataLevelLength === 0) return undefined;
  const { subflowSequenceNumber, dataLevelLength, checksum } = option.mapping;
  const dataSequenceNumber = toUint64(option.mapping.dataSequenceNumber, first);
  const mapping = { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, dataFin: option.dataFin };
  return { mapping, checksum, key: `${dataSequenceNumber} ${subflowSequenceNumber} ${checksum}` };
}

/** Whether the checksum is right, from whatever segments hold the data; unknown where some is missing. */
function checkSum({ data }: Direction, mapping: ChecksumMapping, checksum: number): boolean | undefined {
  const sum = new DssChecksum(mapping);
  let at = mapping.subflowSequenceNumber;
  while (sum.missing > 0) {
    const piece = data.find(([start, octets]) => start <= at && at < start + octets.length);
    if (piece === undefined) return undefined;
    const [start, octets] = piece;
    const length = Math.min(start + octets.length - at, sum.missing);
    sum.add(octets, at - start, length);
    at += length;
  }
  return sum.verify(checksum);
}

function* options(name: string) {
  const file = new Uint8Array(readFileSync(new URL(`${name}/any.pcap`, CAPTURES)));
  for (const packet of readCaptureSync(file)) {
    const frame = decodeFrame(packet.linkType, packet.bytes, packet.originalLength);
    if (frame.found !== 'tcp') continue;
    const { sourcePort, destinationPort, sequenceNumber, flags, payload } = frame.tcp;
    const [from, to] = [`${toHex(frame.source)}:${sourcePort}`, `${toHex(frame.destination)}:${destinationPort}`];
    const segment = { flow: `${from}>${to}`, back: `${to}>${from}`, sequenceNumber, syn: (flags & 2) !== 0 };
    const found = frame.tcp.options.filter((item) => 'type' in item) as MptcpOption[];
    for (const [i, option] of (found.length === 0 ? [undefined] : found).entries()) {
      const wire = option === undefined ? '' : toHex(encodeOption(option));
      yield { ...segment, option, wire, payload: i === 0 ? payload : new Uint8Array() };
    }
  }
}
