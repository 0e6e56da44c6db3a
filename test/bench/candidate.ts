/**
 * One way of decoding or encoding, measured alone in a process: the types that one has seen change
 * the code that the engine makes of another.
 *
 * usage: candidate NAME CORPUS SECONDS    prints nanoseconds of processor time an option, and a sum
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { decodeOption, encodeOptionInto, type MptcpOption } from '../../src/mptcp/option.ts';
import { KIND, Subtype } from '../../src/mptcp/registry.ts';
import { OptionCursor } from '../../src/tcp/cursor.ts';
import { OptionWalk } from '../../src/tcp/walk.ts';

/** Works through a corpus once; the number of options, and something that depends on all of them. */
type Pass = () => { readonly options: number; readonly sum: number };

const CANDIDATES: Readonly<Record<string, (octets: Uint8Array, offsets: Uint32Array) => Pass>> = {
  cursor,
  object,
  encode,
};

/** Every field of every option through the cursor. */
function cursor(octets: Uint8Array, offsets: Uint32Array): Pass {
  const options = new OptionCursor();
  return () => {
    let count = 0;
    let sum = 0;
    for (let i = 0; i + 1 < offsets.length; i++) {
      options.reset(octets, offsets[i], offsets[i + 1]);
      while (options.nextMptcp()) {
        count++;
        sum = (sum + fields(options)) | 0;
      }
    }
    return { options: count, sum: sum >>> 0 };
  };
}

/** The sum that codec.c makes. */
function fields(option: OptionCursor): number {
  const { view, subtype } = option;
  if (subtype === Subtype.DSS) {
    let sum = (subtype + option.flags) | 0;
    const ack = option.dataAckLength;
    if (ack > 0) sum = (sum + option.dataAckLow) | 0;
    if (ack === 8) sum = (sum + option.dataAckHigh) | 0;
    const dsn = option.dsnLength;
    if (dsn > 0) {
      sum = (sum + option.dsnLow + option.subflowSequenceNumber + option.dataLevelLength) | 0;
      if (dsn === 8) sum = (sum + option.dsnHigh) | 0;
      if (option.checksum >= 0) sum = (sum + option.checksum) | 0;
    }
    return sum;
  }
  return others(option, view, subtype);
}

function others(option: OptionCursor, view: DataView, subtype: number): number {
  switch (subtype) {
    case Subtype.MP_CAPABLE: {
      let sum = (option.version + option.flags) | 0;
      sum = (sum + words(view, option.senderKeyAt, 2) + words(view, option.receiverKeyAt, 2)) | 0;
      return (sum + Math.max(0, option.dataLevelLength) + Math.max(0, option.checksum)) | 0;
    }
    case Subtype.MP_JOIN:
      return join(option, view);
    case Subtype.ADD_ADDR:
      return (
        (subtype +
          Number(option.echo) +
          option.addressId +
          words(view, option.addressAt, option.addressLength / 4) +
          Math.max(0, option.port) +
          words(view, option.truncatedHmacAt, 2)) |
        0
      );
    case Subtype.REMOVE_ADDR: {
      let sum = subtype;
      for (let at = option.addressIdsAt; at < option.offset + option.length; at++) sum += view.getUint8(at);
      return sum;
    }
    case Subtype.MP_PRIO:
      return subtype + Number(option.backup) + Math.max(0, option.addressId);
    case Subtype.MP_FAIL:
      return (subtype + option.dsnHigh + option.dsnLow) | 0;
    case Subtype.MP_FASTCLOSE:
      return (subtype + words(view, option.receiverKeyAt, 2)) | 0;
    case Subtype.MP_TCPRST:
      return subtype + Number(option.transient) + option.reason;
    default:
      return subtype & 0xff;
  }
}

/** A function of its own, so that the engine puts its getters into it: called, they would box what is above 2^31. */
function join(option: OptionCursor, view: DataView): number {
  const { hmacAt } = option;
  if (hmacAt >= 0) return Subtype.MP_JOIN + words(view, hmacAt, 5);
  const { token } = option;
  const sum = Subtype.MP_JOIN + Number(option.backup) + option.addressId + option.nonce + (token < 0 ? 0 : token);
  return (sum + words(view, option.truncatedHmacAt, 2)) | 0;
}

function words(view: DataView, at: number, count: number): number {
  let sum = 0;
  if (at >= 0) for (let i = 0; i < count; i++) sum = (sum + view.getUint32(at + 4 * i)) | 0;
  return sum;
}

/** An object of every option. */
function object(octets: Uint8Array, offsets: Uint32Array): Pass {
  const walk = new OptionWalk();
  return () => {
    let count = 0;
    let sum = 0;
    for (let i = 0; i + 1 < offsets.length; i++) {
      walk.reset(octets, offsets[i], offsets[i + 1]);
      while (walk.next()) {
        if (walk.kind !== KIND) continue;
        count++;
        sum += decodeOption(octets, walk.offset, walk.length).type.length;
      }
    }
    return { options: count, sum };
  };
}

/** Every option that is not malformed, from its object into a buffer of the caller. */
function encode(octets: Uint8Array, offsets: Uint32Array): Pass {
  const walk = new OptionWalk();
  const all: MptcpOption[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    walk.reset(octets, offsets[i], offsets[i + 1]);
    while (walk.next()) {
      if (walk.kind !== KIND) continue;
      const option = decodeOption(octets, walk.offset, walk.length);
      if (option.type !== 'MALFORMED') all.push(option);
    }
  }
  const out = new Uint8Array(octets.length);
  return () => {
    let at = 0;
    for (let i = 0; i < all.length; i++) at = encodeOptionInto(all[i]!, out, at);
    return { options: all.length, sum: at };
  };
}

measure(process.argv.slice(2));

function measure([name = '', path = '', seconds = '1']: readonly string[]): void {
  const file = readFileSync(path);
  const count = file.readUInt32LE(0);
  const offsets = new Uint32Array(file.buffer.slice(file.byteOffset + 8, file.byteOffset + 8 + 4 * (count + 1)));
  const pass = CANDIDATES[name]!(new Uint8Array(file.subarray(8 + 4 * (count + 1))), offsets);
  let nanoseconds = 0;
  let last = 0;
  // The first half warms up.
  for (const half of ['warm', 'measured']) {
    const start = process.cpuUsage();
    let options = 0;
    let used = 0;
    do {
      const done = pass();
      options += done.options;
      last = done.sum;
      const { user, system } = process.cpuUsage(start);
      used = (user + system) * 1000;
    } while (used < Number(seconds) * 5e8);
    if (half === 'measured') nanoseconds = used / options;
  }
  process.stdout.write(`${nanoseconds.toFixed(3)} ${last}\n`);
}
