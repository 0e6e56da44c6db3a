import { formOf, spans } from '../../../src/layout.ts';
import { FORMS } from '../../../src/mptcp/forms.ts';
import { decodeOption, encodeOption, sizeOfOption } from '../../../src/mptcp/option.ts';
import { violations } from '../../../src/mptcp/violations.ts';
import { law, same } from '../law.ts';

/** One option: encoding gives back the octets, and the fields of its form are all of its bits. */
export default function option(bytes: Uint8Array): void {
  const found = decodeOption(bytes);
  const size = sizeOfOption(found);
  law(same(encodeOption(found), bytes.subarray(0, size)), 'encode of decode is the octets');
  if (found.type === 'MALFORMED') law(found.at >= 0 && found.at <= size, 'at is inside');
  if (found.type === 'MALFORMED') return;
  const form = formOf(FORMS, bytes, 0, size);
  law(
    form !== undefined &&
      spans(form, bytes, 0, size).reduce((end, { bit, bits }) => (bit === end ? end + bits : -1), 0) === 8 * size,
    'spans partition',
  );
  for (const syn of [true, false]) violations(found, { syn, ack: true, version: 1 });
}
