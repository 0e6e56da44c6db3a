/**
 * `hmac`: the HMACs of MP_JOIN and ADD_ADDR.
 *
 * @module
 */
import { putU16, toHex, u32 } from '../bytes.ts';
import { fullAddAddrHmac, fullJoinHmac } from '../mptcp/auth.ts';
import { oneOf, parse } from './args.ts';
import {
  addressOf,
  answer,
  integerOf,
  type Manner,
  mannerOf,
  OPTIONS,
  octetsOf,
  type Part,
  say,
  showParts,
} from './derivation.ts';
import { Status, usage } from './exit.ts';
import type { Io } from './io.ts';

const HELP = `Usage: mptcp-codec hmac join --key-a KEY --key-b KEY --nonce-a N --nonce-b N [--v0] [options]
       mptcp-codec hmac add-addr --sender-key KEY --receiver-key KEY --id N --address ADDR [--port N]

join prints what the SYN/ACK (from B) and the third ACK (from A) of an MP_JOIN carry; A is the host
that opens the subflow. add-addr prints what an ADD_ADDR carries. Keys are 16 hex digits, nonces 8.

  --v0        version 0 of MPTCP: SHA-1 instead of SHA-256
  -o FORMAT   text (default), json, ndjson
  --no-keys   leave keys out of what -v shows
  -v          each octet that went in, on standard error
`;

const TEXT = { type: 'string' } as const;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [kind = '', ...rest] = args;
  if (kind === '--help' || kind === '-h') {
    io.stdout.write(HELP);
    return Status.OK;
  }
  if (kind === '' || kind.startsWith('-')) throw usage('which HMAC: join or add-addr?');
  return oneOf('the first word', kind, ['join', 'add-addr']) === 'join' ? join(rest, io) : addAddr(rest, io);
}

function join(args: readonly string[], io: Io): number {
  const { values, positionals } = parse(args, {
    ...OPTIONS,
    v0: { type: 'boolean' },
    'key-a': TEXT,
    'key-b': TEXT,
    'nonce-a': TEXT,
    'nonce-b': TEXT,
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  onlyOptions(positionals);
  const manner = mannerOf(values);
  const a: Host = {
    name: 'A',
    key: octetsOf('--key-a', values['key-a'], 8),
    nonce: octetsOf('--nonce-a', values['nonce-a'], 4),
  };
  const b: Host = {
    name: 'B',
    key: octetsOf('--key-b', values['key-b'], 8),
    nonce: octetsOf('--nonce-b', values['nonce-b'], 4),
  };
  const version = values.v0 ? 0 : 1;
  const synAckFull = joinHmac('SYN/ACK', b, a, version, 8, manner, io);
  const ackFull = joinHmac('ACK', a, b, version, 20, manner, io);
  const [synAck, ack] = [synAckFull.slice(0, 16), ackFull.slice(0, 40)];
  answer(
    [
      ['SYN/ACK', synAck],
      ['ACK', ack],
      ['SYN/ACK in full', synAckFull],
      ['ACK in full', ackFull],
    ],
    { synAck, ack, synAckFull, ackFull },
    manner,
    io,
  );
  return Status.OK;
}

interface Host {
  readonly name: string;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

function joinHmac(
  step: string,
  sender: Host,
  receiver: Host,
  version: 0 | 1,
  sent: number,
  manner: Manner,
  io: Io,
): string {
  const keys = [sender, receiver].map(({ name, key }) => ({ name: `key of ${name}`, octets: key, secret: true }));
  const nonces = [sender, receiver].map(({ name, nonce }) => ({ name: `nonce of ${name}`, octets: nonce }));
  show(`${step}: HMAC-${version === 0 ? 'SHA1' : 'SHA256'}`, keys, nonces, manner, io);
  say(`  sent: the leftmost ${sent * 8} bits`, manner, io);
  return toHex(
    fullJoinHmac({
      senderKey: sender.key,
      receiverKey: receiver.key,
      senderNonce: u32(sender.nonce, 0),
      receiverNonce: u32(receiver.nonce, 0),
      version,
    }),
  );
}

function addAddr(args: readonly string[], io: Io): number {
  const { values, positionals } = parse(args, {
    ...OPTIONS,
    'sender-key': TEXT,
    'receiver-key': TEXT,
    id: TEXT,
    address: TEXT,
    port: TEXT,
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  onlyOptions(positionals);
  const manner = mannerOf(values);
  const senderKey = octetsOf('--sender-key', values['sender-key'], 8);
  const receiverKey = octetsOf('--receiver-key', values['receiver-key'], 8);
  const addressId = Number(integerOf('--id', values.id, 255n));
  const address = addressOf('--address', values.address);
  const port = values.port === undefined ? undefined : Number(integerOf('--port', values.port, 65535n));

  const portOctets = new Uint8Array(2);
  putU16(portOctets, 0, port ?? 0, '--port');
  show(
    'ADD_ADDR: HMAC-SHA256',
    [
      { name: "sender's key", octets: senderKey, secret: true },
      { name: "receiver's key", octets: receiverKey, secret: true },
    ],
    [
      { name: 'address id', octets: Uint8Array.of(addressId) },
      { name: 'address', octets: address },
      { name: port === undefined ? 'port: 0 where there is none' : 'port', octets: portOctets },
    ],
    manner,
    io,
  );
  say('  sent: the rightmost 64 bits', manner, io);
  const full = toHex(fullAddAddrHmac({ senderKey, receiverKey, addressId, address, port }));
  const truncatedHmac = full.slice(-16);
  answer(
    [
      ['ADD_ADDR', truncatedHmac],
      ['in full', full],
    ],
    { truncatedHmac, full },
    manner,
    io,
  );
  return Status.OK;
}

function onlyOptions(positionals: readonly string[]): void {
  if (positionals[0] !== undefined) throw usage(`${positionals[0]}: every value has an option before it`);
}

function show(title: string, key: readonly Part[], message: readonly Part[], manner: Manner, io: Io): void {
  say(title, manner, io);
  showParts('  key', key, manner, io);
  showParts('  message', message, manner, io);
}
