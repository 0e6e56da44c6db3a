/**
 * Tampering: whoever flips a bit that a good verdict stands for is noticed.
 *
 * Covered bits: keys, tokens, random numbers and HMACs; what ADD_ADDR's HMAC authenticates;
 * checksums, the mappings they stand in, and the data under them. Not covered, since no
 * observer could tell: flags, versions, address ids of joins, Data ACKs, echoes and mappings
 * without checksums, which nothing authenticates; and the random number of a join that was
 * refused before any HMAC.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import { decodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { OptionWalk } from '../../src/tcp/walk.ts';
import type { TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { numbers } from './numbers.ts';

/** Captures of ours whose every check is good. */
const CAPTURES = [
  '01-basic.pcap',
  '03-add-addr4.pcap',
  '04-add-addr6.pcap',
  '06-remove-addr.pcap',
  '07b-backup-server.pcap',
  '08b-checksum-client-only.pcap',
  '09-fastclose-linger0.pcap',
  '14-c-flag.pcap',
  '18d-tfo.pcap',
  'illustrated.pcapng',
];

/** More of them: losses, reordering, offload, many subflows. */
const SHARED = '../shared/captures';
const LARGER = [
  '01b-server-first',
  '01h-offload',
  '01i-syncookies',
  '01j-port-reuse',
  '02b-fullmesh',
  '08-checksum',
  '08d-checksum-ipv6',
  '13b-mp-fail-two',
  '13c-alg-length',
  '17-join-syn-lost',
  '17c-join-ack-lost',
  '17d-reorder',
  '17h-syn-lost',
  '18g-many-connections',
];

const FLIPS = 20_000;

/** A run of octets of one packet. */
interface Place {
  readonly packet: number;
  readonly what: string;
  readonly offset: number;
  readonly length: number;
}

function packetsOf(file: string): CapturedPacket[] {
  return [...readCaptureSync(new Uint8Array(readFileSync(file)))];
}

function trace(packets: readonly CapturedPacket[]): TraceReport {
  const tracer = new Tracer();
  for (const packet of packets) tracer.push(packet);
  return tracer.report();
}

/** What a person would see of the checks: verdict counts and findings. */
function outcome({ connections, findings }: TraceReport): string {
  const seen = connections.map((one) => [one.verdicts, one.findings.map(({ code, frames }) => [code, frames])]);
  return JSON.stringify([seen, findings.map(({ code, frames }) => [code, frames])]);
}

/** Every run of octets under a good verdict. */
function covered(packets: readonly CapturedPacket[], report: TraceReport): Place[] {
  const cursor = new FrameCursor();
  const walker = new OptionWalk();
  const checksum = report.connections.some((one) => one.checksum);
  const places: Place[] = [];
  packets.forEach(({ bytes, linkType, originalLength }, packet) => {
    if (!cursor.reset(linkType, bytes, 0, bytes.length, originalLength)) return;
    walker.reset(bytes, cursor.options, cursor.optionsEnd);
    let summed = false;
    while (walker.next()) {
      if (walker.kind !== 30) continue;
      const option = decodeOption(bytes, walker.offset, walker.length);
      if (option.type === 'MALFORMED') continue;
      for (const [what, at, length] of runs(option)) places.push({ packet, what, offset: walker.offset + at, length });
      summed ||= option.type === 'DSS' && option.mapping?.checksum !== undefined && option.mapping.dataLevelLength > 0;
      summed ||= option.type === 'MP_CAPABLE' && option.checksum !== undefined;
    }
    const { payload, payloadCaptured } = cursor;
    if (checksum && summed && payloadCaptured > 0)
      places.push({ packet, what: 'data', offset: payload, length: payloadCaptured });
  });
  return places;
}

/** The covered octets of an option, from its Kind on. */
function runs(option: MptcpOption): [string, number, number][] {
  switch (option.type) {
    case 'MP_CAPABLE': {
      const keys: [string, number, number][] = [];
      if (option.senderKey !== undefined) keys.push(['senderKey', 4, 8]);
      if (option.receiverKey !== undefined) keys.push(['receiverKey', 12, 8]);
      if (option.checksum !== undefined) keys.push(['length and checksum', 20, 4]);
      return keys;
    }
    case 'MP_JOIN':
      if (option.form === 'syn') return [['token and random number', 4, 8]];
      if (option.form === 'syn-ack') return [['HMAC and random number', 4, 12]];
      return [['HMAC', 4, 20]];
    case 'ADD_ADDR': {
      if (option.echo || option.truncatedHmac === undefined) return [];
      return [['address and HMAC', 3, 1 + option.address.length + (option.port === undefined ? 0 : 2) + 8]];
    }
    case 'DSS': {
      const { mapping, dataAck } = option;
      if (mapping?.checksum === undefined || mapping.dataLevelLength === 0) return [];
      const ack = dataAck === undefined ? 0 : typeof dataAck === 'bigint' ? 8 : 4;
      return [['mapping and checksum', 4 + ack, typeof mapping.dataSequenceNumber === 'bigint' ? 16 : 12]];
    }
    case 'MP_FASTCLOSE':
      return [['key', 4, 8]];
    default:
      return [];
  }
}

/** Flip covered bits of captures, one at a time; gives those that nobody would notice. */
function flip(files: readonly string[], flips: number): string[] {
  const next = numbers(0x4d505443);
  const missed = new Set<string>();
  for (const file of files) {
    const packets = packetsOf(file);
    const untouched = trace(packets);
    const before = outcome(untouched);
    const places = covered(packets, untouched);
    expect(places.length, file).toBeGreaterThan(0);
    for (let i = 0; i < flips / files.length; i++) {
      const place = places[next(places.length)] as Place;
      const bit = next(place.length * 8);
      const victim = packets[place.packet] as CapturedPacket;
      const bytes = victim.bytes.slice();
      bytes[place.offset + (bit >>> 3)] = (bytes[place.offset + (bit >>> 3)] as number) ^ (0x80 >>> (bit & 7));
      const touched = packets.with(place.packet, { ...victim, bytes });
      if (outcome(trace(touched)) === before) missed.add(`${file} frame ${victim.frame}: ${place.what}, bit ${bit}`);
    }
  }
  return [...missed];
}

test(`no covered bit flips unnoticed: ${FLIPS} flips in our captures`, () => {
  expect(
    flip(
      CAPTURES.map((name) => `fixtures/captures/${name}`),
      FLIPS,
    ),
  ).toEqual([]);
});

test.skipIf(!existsSync(SHARED))('no covered bit flips unnoticed in larger captures (needs ../shared)', () => {
  expect(
    flip(
      LARGER.map((name) => `${SHARED}/${name}/any.pcap`),
      2000,
    ),
  ).toEqual([]);
});
