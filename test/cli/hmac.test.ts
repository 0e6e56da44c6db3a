import { expect, test } from 'vitest';
import { cli } from './fake.ts';

// A join seen on the wire: A opens the subflow.
const JOIN = [
  ...['hmac', 'join', '--key-a', '6781dd7642e78588', '--key-b', '0x7a4469bbc15d9bef'],
  ...['--nonce-a', 'FF1ADECB', '--nonce-b', '5f333f0b'],
];
// An advertisement seen on the wire.
const ADD_ADDR = [
  ...['hmac', 'add-addr', '--sender-key', '0dbcec3392452b84', '--receiver-key', '9803084d175118ec'],
  ...['--id', '9', '--address', '10.7.3.2'],
];

test('join: both HMACs, cut and in full', async () => {
  expect(await cli(JOIN)).toEqual({
    status: 0,
    out: `SYN/ACK          15aca4bbaa143157
ACK              38b832f49c06db73de0cf7333f96735578cb9d91
SYN/ACK in full  15aca4bbaa1431573e1df5355bc85497458fdecefda53fac60fbac6672735e4d
ACK in full      38b832f49c06db73de0cf7333f96735578cb9d91c591ab532c9468c9d4e19691
`,
    err: '',
  });
  expect(JSON.parse((await cli([...JOIN, '-o', 'json'])).out)).toEqual({
    synAck: '15aca4bbaa143157',
    ack: '38b832f49c06db73de0cf7333f96735578cb9d91',
    synAckFull: '15aca4bbaa1431573e1df5355bc85497458fdecefda53fac60fbac6672735e4d',
    ackFull: '38b832f49c06db73de0cf7333f96735578cb9d91c591ab532c9468c9d4e19691',
  });
});

test('join of version 0', async () => {
  const { out, err } = await cli([
    ...['hmac', 'join', '--v0', '-v', '-o', 'json', '--key-a', '9c9eabd1e46a33b2', '--key-b', '967d2770b6960552'],
    ...['--nonce-a', '1b665a18', '--nonce-b', '33abe9d5'],
  ]);
  expect(JSON.parse(out)).toMatchObject({
    synAck: '5ab680c7884af03d',
    ack: 'cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a',
    ackFull: 'cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a',
  });
  expect(err).toMatch(/^SYN\/ACK: HMAC-SHA1\n/);
});

test('join -v shows each octet that went in', async () => {
  expect((await cli([...JOIN, '-v'])).err).toBe(`SYN/ACK: HMAC-SHA256
  key, 16 octets
     0  7a 44 69 bb c1 5d 9b ef                          key of B
     8  67 81 dd 76 42 e7 85 88                          key of A
  message, 8 octets
     0  5f 33 3f 0b                                      nonce of B
     4  ff 1a de cb                                      nonce of A
  sent: the leftmost 64 bits
ACK: HMAC-SHA256
  key, 16 octets
     0  67 81 dd 76 42 e7 85 88                          key of A
     8  7a 44 69 bb c1 5d 9b ef                          key of B
  message, 8 octets
     0  ff 1a de cb                                      nonce of A
     4  5f 33 3f 0b                                      nonce of B
  sent: the leftmost 160 bits
`);
  const { err } = await cli([...JOIN, '-v', '--no-keys']);
  expect(err.match(/\(not shown\)/g)?.length).toBe(4);
  expect(err.replaceAll(' ', '')).not.toMatch(/6781dd7642e78588|7a4469bbc15d9bef/);
});

test('add-addr, with a port and without, in both families', async () => {
  expect(await cli(ADD_ADDR)).toEqual({
    status: 0,
    out: `ADD_ADDR  5b728132f4eb28ec
in full   f3ef5bdf9b4f9f80f55632383fd7cde5a09d98d84f14ab155b728132f4eb28ec
`,
    err: '',
  });
  expect(JSON.parse((await cli([...ADD_ADDR, '-o', 'ndjson'])).out)).toEqual({
    truncatedHmac: '5b728132f4eb28ec',
    full: 'f3ef5bdf9b4f9f80f55632383fd7cde5a09d98d84f14ab155b728132f4eb28ec',
  });
  const { out } = await cli([
    ...['hmac', 'add-addr', '--sender-key', '37b8020e4a68d310', '--receiver-key', '04d0cac16f325170', '--id', '0x9'],
    ...['--address', 'FD07:3:0::2', '--port', '7777'],
  ]);
  expect(out).toMatch(/^ADD_ADDR {2}ca588f5b612342ec\n/);
});

test('add-addr -v shows each octet that went in', async () => {
  expect((await cli([...ADD_ADDR, '-v'])).err).toBe(`ADD_ADDR: HMAC-SHA256
  key, 16 octets
     0  0d bc ec 33 92 45 2b 84                          sender's key
     8  98 03 08 4d 17 51 18 ec                          receiver's key
  message, 7 octets
     0  09                                               address id
     1  0a 07 03 02                                      address
     5  00 00                                            port: 0 where there is none
  sent: the rightmost 64 bits
`);
  expect((await cli([...ADD_ADDR, '-v', '--port', '443'])).err).toContain(
    '  01 bb                                            port\n',
  );
});

const without = (args: readonly string[], name: string) => args.toSpliced(args.indexOf(name), 2);
const changed = (args: readonly string[], name: string, value: string) => args.with(args.indexOf(name) + 1, value);

test.each([
  [['hmac'], 'which HMAC: join or add-addr?'],
  [['hmac', '-v', 'join'], 'which HMAC: join or add-addr?'],
  [['hmac', 'addaddr'], 'the first word must be one of join, add-addr, got addaddr (did you mean add-addr?)'],
  [[...JOIN, 'x'], 'x: every value has an option before it'],
  [without(JOIN, '--key-a'), '--key-a is missing'],
  [without(JOIN, '--nonce-b'), '--nonce-b is missing'],
  [changed(JOIN, '--key-b', '7a44'), '--key-b must be 16 hex digits (8 octets), got 7a44'],
  [changed(JOIN, '--nonce-a', '1'), '--nonce-a must be 8 hex digits (4 octets), got 1'],
  [changed(JOIN, '--nonce-a', '1ff1adecb'), '--nonce-a must be 8 hex digits (4 octets), got 1ff1adecb'],
  [without(ADD_ADDR, '--id'), '--id is missing'],
  [changed(ADD_ADDR, '--id', '256'), '--id must be an integer from 0 to 255, got 256'],
  [changed(ADD_ADDR, '--id', 'x'), '--id must be an integer from 0 to 255, got x'],
  [without(ADD_ADDR, '--address'), '--address is missing'],
  [changed(ADD_ADDR, '--address', '10.7.3'), '--address: not an IPv4 or IPv6 address: 10.7.3'],
  [[...ADD_ADDR, '--port', '65536'], '--port must be an integer from 0 to 65535, got 65536'],
  [[...ADD_ADDR, '--v0'], 'unknown option --v0 (did you mean --id?)'],
])('%j is a usage error', async (args, message) => {
  expect(await cli(args)).toEqual({
    status: 2,
    out: '',
    err: `mptcp-codec hmac: ${message}\nmptcp-codec hmac --help says more\n`,
  });
});

test.each([['--help'], ['-h'], ['join', '--help'], ['add-addr', '-h']])('%s %s', async (...args) => {
  const { status, out } = await cli(['hmac', ...args]);
  expect([status, out]).toEqual([0, expect.stringMatching(/^Usage: mptcp-codec hmac join/)]);
});
