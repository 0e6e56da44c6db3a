import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import type { Form } from '../../src/layout.ts';
import { decodeMpCapable, MP_CAPABLE_FORMS, type MpCapable } from '../../src/mptcp/mp-capable.ts';
import { decodeOption, encodeOption } from '../../src/mptcp/option.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const senderKey = fromHex('8f0c7c64a6a32ac1');
const receiverKey = fromHex('73bb150358a0aecb');
const base = {
  type: 'MP_CAPABLE',
  version: 1,
  checksumRequired: false,
  extensibility: false,
  denyJoin: false,
  algorithms: 1,
} as const;

describe('MP_CAPABLE, RFC 8684 §3.1, figure 4', () => {
  test('SYN: flags alone', () => agree('1e040101', base));

  test('SYN/ACK: the key of the host that answers', () => agree('1e0c01018f0c7c64a6a32ac1', { ...base, senderKey }));

  test('ACK: both keys', () => agree('1e1401018f0c7c64a6a32ac173bb150358a0aecb', { ...base, senderKey, receiverKey }));

  test('ACK with data: keys and Data-Level Length', () => {
    const option = { ...base, senderKey, receiverKey, dataLevelLength: 0x0102 };
    agree('1e1601018f0c7c64a6a32ac173bb150358a0aecb0102', option);
  });

  test('ACK with data and checksum', () => {
    const option = { ...base, checksumRequired: true, senderKey, receiverKey, dataLevelLength: 5, checksum: 0xf00d };
    agree('1e1801818f0c7c64a6a32ac173bb150358a0aecb0005f00d', option);
  });

  test('the length tells the checksum, not flag A', () => {
    const option = { ...base, senderKey, receiverKey, dataLevelLength: 5, checksum: 0 };
    agree('1e1801018f0c7c64a6a32ac173bb150358a0aecb00050000', option);
    agree('1e1601818f0c7c64a6a32ac173bb150358a0aecb0005', { ...option, checksumRequired: true, checksum: undefined });
  });

  test('version 0, RFC 6824 §3.1: a key on the SYN', () => {
    agree('1e0c00018f0c7c64a6a32ac1', { ...base, version: 0, senderKey });
    agree('1e1400818f0c7c64a6a32ac173bb150358a0aecb', {
      ...base,
      version: 0,
      checksumRequired: true,
      senderKey,
      receiverKey,
    });
  });

  test('each flag has its bit', () => {
    agree('1e040181', { ...base, checksumRequired: true });
    agree('1e040141', { ...base, extensibility: true });
    agree('1e040121', { ...base, denyJoin: true });
    agree('1e040100', { ...base, algorithms: 0 });
    agree('1e04011f', { ...base, algorithms: 0x1f });
    agree('1e0401ff', { ...base, checksumRequired: true, extensibility: true, denyJoin: true, algorithms: 0x1f });
  });

  test('versions 2 to 15: flags, and the rest as it is', () => {
    agree('1e040f01', { ...base, version: 15, data: new Uint8Array(0) });
    expect(encodeOption({ ...base, version: 15 })).toEqual(fromHex('1e040f01'));
    agree('1e070241aabbcc', { ...base, version: 2, extensibility: true, data: fromHex('aabbcc') });
    agree(`1e280201${'5a'.repeat(36)}`, { ...base, version: 2, data: new Uint8Array(36).fill(0x5a) });
  });

  test('keys alias the buffer', () => {
    const bytes = fromHex('1e0c01018f0c7c64a6a32ac1');
    const option = decodeMpCapable(bytes, 0, 12) as MpCapable;
    bytes[4] = 0;
    expect(option.senderKey?.[0]).toBe(0);
    expect(option.senderKey?.buffer).toBe(bytes.buffer);
  });

  test('lengths: five in versions 0 and 1, any from 4 on later', () => {
    expect(lengthsOf(0x00, 0x01)).toEqual([4, 12, 20, 22, 24]);
    expect(lengthsOf(0x01, 0x01)).toEqual([4, 12, 20, 22, 24]);
    expect(lengthsOf(0x02, 0x01)).toEqual(Array.from({ length: 37 }, (_, i) => i + 4));
    expect(decodeOption(fromHex('1e0301'))).toEqual({
      type: 'MALFORMED',
      reason: 'length',
      at: 1,
      bytes: fromHex('1e0301'),
    });
  });

  test('forms: five for each of versions 0 and 1, one for all later', () => {
    expect(MP_CAPABLE_FORMS.map(({ name, length }) => [name, length])).toEqual([
      ['version 0 no key', 4],
      ['version 0 SYN or SYN/ACK', 12],
      ['version 0 ACK', 20],
      ['version 0 ACK with data', 22],
      ['version 0 ACK with data and checksum', 24],
      ['version 1 SYN', 4],
      ['version 1 SYN/ACK', 12],
      ['version 1 ACK', 20],
      ['version 1 ACK with data', 22],
      ['version 1 ACK with data and checksum', 24],
      ['version 2 and later', 4],
    ]);
  });

  test('forms: RFC and the meaning of flags C and H go by version', () => {
    const wireshark = (form: Form, label: string) => form.fields.find((field) => field.label === label)?.wireshark;
    expect(MP_CAPABLE_FORMS.map((form) => [form.rfc, wireshark(form, 'C'), wireshark(form, 'H')])).toEqual([
      ...new Array(5).fill(['6824 §3.1', undefined, 'tcp.options.mptcp.sha1.flag']),
      ...new Array(6).fill(['8684 §3.1', 'tcp.options.mptcp.nomoresubflows.flag', 'tcp.options.mptcp.sha256.flag']),
    ]);
  });
});

describe('MP_CAPABLE: values without octets', () => {
  const whole = { ...base, senderKey, receiverKey, dataLevelLength: 5, checksum: 0 };
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['version too large', { version: 16 }, 'RangeError', 'MP_CAPABLE.version must be an integer from 0 to 15, got 16'],
    ['version negative', { version: -1 }, 'RangeError', 'MP_CAPABLE.version must be an integer from 0 to 15, got -1'],
    [
      'version a string',
      { version: '1' },
      'TypeError',
      'MP_CAPABLE.version must be an integer from 0 to 15, got string',
    ],
    [
      'A missing',
      { checksumRequired: undefined },
      'TypeError',
      'MP_CAPABLE.checksumRequired must be a boolean, got undefined',
    ],
    ['A a number', { checksumRequired: 1 }, 'TypeError', 'MP_CAPABLE.checksumRequired must be a boolean, got number'],
    ['B', { extensibility: 'no' }, 'TypeError', 'MP_CAPABLE.extensibility must be a boolean, got string'],
    ['C', { denyJoin: null }, 'TypeError', 'MP_CAPABLE.denyJoin must be a boolean, got null'],
    [
      'algorithms',
      { algorithms: 0x20 },
      'RangeError',
      'MP_CAPABLE.algorithms must be made of the bits 0x1f only, got 32',
    ],
    [
      'algorithms missing',
      { algorithms: undefined },
      'TypeError',
      'MP_CAPABLE.algorithms must be made of the bits 0x1f only, got undefined',
    ],
    [
      'senderKey too short',
      { senderKey: new Uint8Array(7) },
      'RangeError',
      'MP_CAPABLE.senderKey must be 8 octets, got 7',
    ],
    [
      'senderKey missing before another',
      { senderKey: undefined },
      'TypeError',
      'MP_CAPABLE.senderKey must be a Uint8Array, got undefined',
    ],
    [
      'senderKey an array',
      { senderKey: [1, 2, 3, 4, 5, 6, 7, 8] },
      'TypeError',
      'MP_CAPABLE.senderKey must be a Uint8Array, got object',
    ],
    [
      'receiverKey too long',
      { receiverKey: new Uint8Array(9) },
      'RangeError',
      'MP_CAPABLE.receiverKey must be 8 octets, got 9',
    ],
    [
      'receiverKey missing before another',
      { receiverKey: undefined },
      'TypeError',
      'MP_CAPABLE.receiverKey must be a Uint8Array, got undefined',
    ],
    [
      'dataLevelLength',
      { dataLevelLength: 65536 },
      'RangeError',
      'MP_CAPABLE.dataLevelLength must be an integer from 0 to 65535, got 65536',
    ],
    [
      'dataLevelLength missing before the checksum',
      { dataLevelLength: undefined },
      'TypeError',
      'MP_CAPABLE.dataLevelLength must be an integer from 0 to 65535, got undefined',
    ],
    ['checksum', { checksum: -1 }, 'RangeError', 'MP_CAPABLE.checksum must be an integer from 0 to 65535, got -1'],
    [
      'checksum a fraction',
      { checksum: 1.5 },
      'RangeError',
      'MP_CAPABLE.checksum must be an integer from 0 to 65535, got 1.5',
    ],
    [
      'data in version 1',
      { data: new Uint8Array(1) },
      'TypeError',
      'MP_CAPABLE.data stands for all fields after the flags in versions 2 to 15, and only there',
    ],
    [
      'keys in version 2',
      { version: 2 },
      'TypeError',
      'MP_CAPABLE.data stands for all fields after the flags in versions 2 to 15, and only there',
    ],
  ])('%s', (_, patch, type, message) => refuse({ ...whole, ...patch }, type, message));

  test('version 2: data too long, or no octets', () => {
    refuse({ ...base, version: 2, data: new Uint8Array(37) }, 'RangeError', 'MP_CAPABLE.data is 1 octets too long');
    refuse({ ...base, version: 2, data: 'aa' }, 'TypeError', 'MP_CAPABLE.data must be a Uint8Array, got string');
  });

  test('version 2: not one of the other fields', () => {
    const message = 'MP_CAPABLE.data stands for all fields after the flags in versions 2 to 15, and only there';
    for (const field of [{ senderKey }, { receiverKey }, { dataLevelLength: 0 }, { checksum: 0 }]) {
      refuse({ ...base, version: 2, ...field }, 'TypeError', message);
    }
  });
});
