import { decodeOption, encodeOption } from '../../../src/mptcp/option.ts';
import { fromJson, toJson } from '../../../src/text/json.ts';
import { law, same } from '../law.ts';
import { refused } from '../refused.ts';

/** Text: what it describes is written as it reads; and octets: what is decoded comes back from JSON. */
export default function json(bytes: Uint8Array): void {
  const option = decodeOption(bytes);
  const again = fromJson(JSON.stringify(toJson(option)));
  law('type' in again && same(encodeOption(again), encodeOption(option)), 'JSON is lossless');
  const text = new TextDecoder().decode(bytes);
  const read = refused(() => toJson(fromJson(text)), [SyntaxError, TypeError, RangeError]);
  if (read !== undefined)
    law(JSON.stringify(toJson(fromJson(JSON.stringify(read)))) === JSON.stringify(read), 'JSON is stable');
}
