import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { SYN, tcpPacket } from '../packet.ts';
import { cli } from './fake.ts';

const JOIN = '1e0c110500000001000000ff';
const K = '8f0c7c64a6a32ac1';
const L = '73bb150358a0aecb';

test('an option, field by field', async () => {
  expect(await cli(['explain', JOIN])).toEqual({
    status: 0,
    out: `MP_JOIN SYN, RFC 8684 §3.2
  0      1e        Kind                    kind           30: Multipath TCP
  1      0c        Length                  length         12
  2.0-3  0001....  Subtype                 subtype        0x1: MP_JOIN
  2.4-6  ....000.  (reserved)              reserved       0
  2.7    .......1  B                       backup         set: backup subflow
  3      05        Address ID              addressId      5
  4-7    00000001  Receiver's Token        receiverToken  0x00000001
  8-11   000000ff  Sender's Random Number  nonce          0x000000ff
`,
    err: '',
  });
});

test('-v gives the names that Wireshark has', async () => {
  const { out, err } = await cli(['explain', '-v', JOIN]);
  expect(out).toContain(
    "  4-7    00000001  Receiver's Token        receiverToken  tcp.options.mptcp.recvtok      0x00000001\n",
  );
  expect(err).toBe('packet 1: 12 octets, taken as option\n');
});

test('a frame, layer by layer, with a head line for each option', async () => {
  const options = ['0101', '1e0351', '1e0350'].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
  const { out } = await cli(['explain', toHex(tcpPacket({ flags: SYN, options, payload: new Uint8Array(20) }))]);
  const heads = out.split('\n').filter((line) => /^\S/.test(line));
  expect(heads.map((line) => line.replace(/,.*/, ''))).toEqual([
    'Ethernet',
    'IPv4',
    'TCP',
    'No-Operation',
    'No-Operation',
    'MP_PRIO this subflow',
    'MP_PRIO this subflow',
    'payload',
  ]);
});

describe('JSON', () => {
  test('a list of fields that covers all octets', async () => {
    const { out } = await cli(['explain', '-o', 'json', `1e0c6000${K}`]);
    const fields = JSON.parse(out);
    expect(fields.map(({ bits }: { bits: number }) => bits).reduce((sum: number, bits: number) => sum + bits)).toBe(96);
    expect(fields.at(-1)).toEqual({
      of: 'MP_FAIL',
      name: 'dataSequenceNumber',
      label: 'Data Sequence Number',
      offset: 4,
      bit: 0,
      bits: 64,
      value: BigInt(`0x${K}`).toString(),
      text: BigInt(`0x${K}`).toString(),
      wireshark: 'tcp.options.mptcp.rawdataseqno',
      rfc: '8684 §3.7',
    });
  });

  test('several packets', async () => {
    const { out } = await cli(['explain', '-o', 'json', '-'], { stdin: ['1e0351\n1e0350\n'] });
    expect(JSON.parse(out).map((fields: unknown[]) => fields.length)).toEqual([5, 5]);
    const lines = (await cli(['explain', '-o', 'ndjson', '-'], { stdin: ['1e0351\n1e0350\n'] })).out;
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(JSON.parse(out));
    expect((await cli(['explain', '-'], { stdin: ['1e0351\n1e0350\n'] })).out.match(/^$/gm)).toHaveLength(2);
  });

  test('what has no RFC and no Wireshark name leaves them out', async () => {
    const fields = JSON.parse((await cli(['explain', '-o', 'json', '--as', 'option', '1e035101'])).out);
    expect(Object.keys(fields.at(-1))).toEqual(['of', 'name', 'label', 'offset', 'bit', 'bits', 'value', 'text']);
    expect(fields.at(-1).value).toBe('01');
  });
});

test('--no-keys leaves keys out, and what may hold one', async () => {
  for (const hex of [`1e140101${K}${L}`, `1e0c0201${K}`, `1e0c7000${K}`, `1e0d0101${K}00`, `1e0351${K}`]) {
    for (const format of ['text', 'json', 'ndjson']) {
      const args = ['explain', '--as', 'option', '-o', format];
      expect((await cli([...args, hex])).out).toContain(K);
      const { out } = await cli([...args, '--no-keys', hex]);
      expect(out).not.toContain(K);
      expect(out).not.toContain(L);
      expect(out).toContain('(hidden)');
    }
  }
});

test('long octets are shortened in the table, not in JSON', async () => {
  const data = '00112233445566778899';
  expect((await cli(['explain', `1e0df0${data}`])).out).toContain(`0011223344556677...`);
  expect(JSON.parse((await cli(['explain', '-o', 'json', `1e0df0${data}`])).out).at(-1).value).toBe(data);
});

test('--as and colour', async () => {
  expect((await cli(['explain', '--as', 'options', '01'])).out).toBe(
    'No-Operation, RFC 9293 §3.2\n  0  01  Kind  kind  1: No-Operation\n',
  );
  const { out } = await cli(['explain', '--color', 'always', '1e0351']);
  expect(out.split('\n')[0]).toBe('\x1b[1mMP_PRIO this subflow, RFC 8684 §3.3.8\x1b[0m');
});

test('captures and nonsense are refused', async () => {
  const path = 'fixtures/captures/01-basic.pcap';
  expect(await cli(['explain', path])).toEqual({
    status: 65,
    out: '',
    err: `mptcp-codec explain: ${path}: not hex; decode reads captures\n`,
  });
  expect((await cli(['explain', '1e1'])).status).toBe(2);
  expect((await cli(['explain'])).status).toBe(2);
  expect((await cli(['explain', 'no-such'])).status).toBe(66);
});
