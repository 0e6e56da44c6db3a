import { explain } from '../../../src/explain/explain.ts';
import {
  decodeOptionList,
  encodeOptionList,
  mptcpOptions,
  OPTION_SPACE,
  sizeOfOptionList,
} from '../../../src/tcp/options.ts';
import { law, same } from '../law.ts';

/** A TCP option list: encoding gives back the octets, and `explain` describes all of them. */
export default function list(bytes: Uint8Array): void {
  const items = decodeOptionList(bytes);
  law(sizeOfOptionList(items) === bytes.length, 'items are all octets');
  if (bytes.length <= OPTION_SPACE)
    law(same(encodeOptionList(items).subarray(0, bytes.length), bytes), 'encode of decode is the octets');
  const end = explain(bytes, 'options').reduce(
    (at, { offset, bit, bits }) => (8 * offset + bit === at ? at + bits : -1),
    0,
  );
  law(end === 8 * bytes.length, 'explain partitions');
  law(
    mptcpOptions(bytes).every((option) => option.type !== undefined),
    'options have types',
  );
}
