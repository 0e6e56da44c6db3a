/**
 * The targets by name, and the inputs that each begins with.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex } from '../../src/bytes.ts';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { PcapngWriter, PcapWriter } from '../../src/capture/write.ts';
import { decodeFrame } from '../../src/ip/packet.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { encodeOptionList } from '../../src/tcp/options.ts';
import { toJson } from '../../src/text/json.ts';
import type { Target } from './fuzz.ts';
import json from './targets/json.ts';
import list from './targets/list.ts';
import option from './targets/option.ts';
import packet from './targets/packet.ts';
import pcap from './targets/pcap.ts';
import pcapng from './targets/pcapng.ts';
import trace from './targets/trace.ts';

/** What can be fuzzed. */
export const TARGETS: Readonly<Record<string, Target>> = { option, list, packet, pcap, pcapng, trace, json };

/** Inputs found by fuzzing, of a target. */
export const FOUND: URL = new URL('../../fixtures/fuzz/', import.meta.url);

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url);

/** The inputs kept for a target, by name. */
export function kept(name: string): Map<string, Uint8Array> {
  const directory = fileURLToPath(new URL(`${name}/`, FOUND));
  if (!existsSync(directory)) return new Map();
  return new Map(readdirSync(directory).map((file) => [file, new Uint8Array(readFileSync(`${directory}${file}`))]));
}

/** What a target's run begins with: inputs kept, and pieces of our captures. */
export function seedsOf(name: string): Uint8Array[] {
  const own = [new Uint8Array(1), ...kept(name).values(), ...piecesFor(name)];
  return own.length === 0 ? [new Uint8Array(0)] : own;
}

function piecesFor(name: string): Uint8Array[] {
  switch (name) {
    case 'option':
      return options().map((each) => encodeOption(each));
    case 'json':
      return options().flatMap((each) => [encodeOption(each), new TextEncoder().encode(JSON.stringify(toJson(each)))]);
    case 'list':
      return segments().map(({ tcp }) => encodeOptionList(tcp.options));
    case 'packet':
      return small().map(({ linkType, bytes }) => Uint8Array.of(linkType, 0, ...bytes));
    case 'pcap':
      return variants(/\.pcap$/).map((bytes) => Uint8Array.of(99, ...bytes));
    case 'pcapng':
      return variants(/\.pcapng$/).map((bytes) => Uint8Array.of(99, ...bytes));
    default:
      return traced();
  }
}

/** The packets of a capture in fixtures. */
function packetsOf(file: string): CapturedPacket[] {
  return [...readCaptureSync(readFileSync(new URL(file, CAPTURES)))];
}

/** A few packets of each sort. */
function small(): CapturedPacket[] {
  const files = ['01-basic.pcap', '04-add-addr6.pcap', '07-backup.pcap', 'variants/eth-1.pcap', 'variants/ppp-9.pcap'];
  return files.flatMap((file) => packetsOf(file).slice(0, 20));
}

function segments() {
  const frames = small().map(({ linkType, bytes, originalLength }) => decodeFrame(linkType, bytes, originalLength));
  return frames.flatMap((frame) => (frame.found === 'tcp' ? [frame] : []));
}

function options() {
  return segments().flatMap(({ tcp }) => tcp.options.flatMap((item) => ('type' in item ? [item] : [])));
}

/** Small captures in all containers, the first packets of each. */
function variants(names: RegExp): Uint8Array[] {
  const files = readdirSync(new URL('variants/', CAPTURES)).filter((file) => names.test(file));
  const originals = files.map((file) => new Uint8Array(readFileSync(new URL(`variants/${file}`, CAPTURES))));
  const writer = names.test('.pcap') ? new PcapWriter() : new PcapngWriter();
  const written = packetsOf('01-basic.pcap')
    .slice(0, 4)
    .map((each) => writer.push(each));
  return [...originals.map((bytes) => bytes.subarray(0, 700)), Buffer.concat(written), fromHex('1f8b0800')];
}

/** Whole short connections, and their joins, resets and fallbacks; payload cut to keep them small. */
function traced(): Uint8Array[] {
  const files = readdirSync(CAPTURES).filter((file) => /^\d.*\.pcap$/.test(file));
  return files.map((file) => {
    const writer = new PcapWriter();
    const packets = packetsOf(file).filter((each) => decodeFrame(each.linkType, each.bytes).found === 'tcp');
    return Buffer.concat(
      packets.slice(0, 24).map((each) => writer.push({ ...each, bytes: each.bytes.subarray(0, 160) })),
    );
  });
}
