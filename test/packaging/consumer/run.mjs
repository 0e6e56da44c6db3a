import assert from 'node:assert/strict';
import { decodeOption, encodeOption, mptcpOptions } from 'mptcp-codec';
import { token } from 'mptcp-codec/auth';
import { explain } from 'mptcp-codec/layout';

const option = decodeOption(Uint8Array.of(30, 3, 0x51));
assert.equal(option.type, 'MP_PRIO');
assert.deepEqual([...encodeOption(option)], [30, 3, 0x51]);
assert.deepEqual(mptcpOptions(new Uint8Array(20)), []);
assert.equal(token(Uint8Array.of(0x8f, 0x0c, 0x7c, 0x64, 0xa6, 0xa3, 0x2a, 0xc1)).toString(16), '2e1abded');
assert.equal(explain(encodeOption(option)).length, 5);
console.log('decode, encode, token, explain');
