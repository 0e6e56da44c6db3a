/**
 * What each tool makes of the examples of the rules.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../../src/bytes.ts';
import { captureOf, sampleOf } from './generated.ts';
import { readByGopacket } from './gopacket.ts';
import { GOPACKET_RULES, GOPACKET_WRITES } from './gopacket-rules.ts';
import type { Disagreement, Example, Shown, Tool } from './rule.ts';
import { readByScapy } from './scapy.ts';
import { SCAPY_RULES } from './scapy-rules.ts';
import { STATEFUL } from './stateful.ts';
import { readByTcpdump } from './tcpdump.ts';
import { TCPDUMP_RULES } from './tcpdump-rules.ts';
import { readByTshark } from './tshark.ts';
import { TSHARK_RULES } from './tshark-rules.ts';

/** All disagreements, by tool. */
export const DISAGREEMENTS: Readonly<Record<Tool, readonly Disagreement[]>> = {
  tshark: [...TSHARK_RULES, ...STATEFUL],
  tcpdump: TCPDUMP_RULES,
  gopacket: [...GOPACKET_RULES, GOPACKET_WRITES],
  scapy: SCAPY_RULES,
};

/** How to run a tool: the program of gopacket, the Python of scapy. */
export type Programs = Readonly<Partial<Record<'gopacket' | 'scapy', string>>>;

/** What the tool says of the examples of its disagreements, by id. */
export function sayings(tool: Tool, programs: Programs, directory: string): Map<string, string> {
  const said = new Map<string, string>();
  const rules = DISAGREEMENTS[tool];
  const examples = rules.flatMap(({ id, example }) => ('options' in example ? [{ id, example }] : []));
  const file = join(directory, `${tool}.pcap`);
  writeFileSync(file, captureOf(examples.map(({ example }, i) => sampleOf(i + 1, example.flags, octets(example)))));
  const texts = textsOf(tool, file, programs);
  for (const [i, { id }] of examples.entries()) said.set(id, texts.get(i + 1) ?? '');
  for (const { id, example } of rules) if ('capture' in example) said.set(id, shown(example));
  return said;
}

function octets({ options }: Example): Uint8Array {
  return fromHex(options);
}

function textsOf(tool: Tool, file: string, programs: Programs): Map<number, string> {
  switch (tool) {
    case 'tshark':
      return new Map(readByTshark(file).map((row) => [row.frame, tsharkText(row)]));
    case 'tcpdump':
      return new Map(readByTcpdump(file).map(({ frame, options }) => [frame, options.join(',')]));
    case 'gopacket':
      return new Map(
        readByGopacket(programs.gopacket!, file).map(({ frame, options, ended, message, written }) => {
          const end = ended === undefined ? `written again: ${written}` : `${ended}: ${message}`;
          return [frame, [...options, end].join('; ')];
        }),
      );
    case 'scapy':
      return new Map(
        readByScapy(programs.scapy!, file).map(({ frame, options, written }) => {
          return [frame, `${options.map((each) => `(${each.trim()})`).join(' ')}; written again: ${written}`];
        }),
      );
  }
}

function tsharkText({ pairs, malformed }: ReturnType<typeof readByTshark>[number]): string {
  return [...pairs.map(([field, value]) => `${field}=${value}`), ...(malformed ? ['malformed'] : [])].join(' ');
}

/** What tshark says of a frame of a capture; of all frames, each remark once with its count, where the frame is 0. */
function shown({ capture, frame, fields }: Shown): string {
  const path = `fixtures/captures/${capture}`;
  if (fields === undefined) return tsharkText(readByTshark(path).find((row) => row.frame === frame)!);
  const columns = fields.flatMap((field) => ['-e', field]);
  const filter = frame === 0 ? fields[0]! : `frame.number == ${frame}`;
  const { stdout } = spawnSync('tshark', ['-n', '-r', path, '-Y', filter, '-T', 'fields', ...columns], {
    encoding: 'utf8',
  });
  const lines = stdout.trim().split('\n');
  if (frame !== 0) return `${fields.join(' ')}=${lines.join()}`;
  const nops = lines.filter((line) => line.includes('4 NOP in a row')).length;
  return `4 NOP in a row - a router may have removed some options: ${nops} packets`;
}
