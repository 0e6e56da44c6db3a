/** Derivations with all their numbers, each checked against the library while the site is built. */
import { createHash, createHmac } from 'node:crypto';
import { idsn, token } from '../../src/mptcp/auth.ts';
import { dssChecksum } from '../../src/mptcp/checksum.ts';
import { type Content, html, type Markup } from '../../src/report/markup.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Token and IDSN of a key. */
export function keyDerivation(who: string, key: Uint8Array): Markup {
  const digest = createHash('sha256').update(key).digest('hex');
  const [wanted, last] = [digest.slice(0, 8), digest.slice(-16)];
  same(wanted, token(key).toString(16).padStart(8, '0'));
  same(BigInt(`0x${last}`), idsn(key));
  return worked(
    `Token and first number of the ${who}`,
    [
      ['Key', marked(hex(key), 0, 16)],
      [
        'SHA-256 of its 8 octets',
        html`<code class="digest"><mark>${wanted}</mark>${digest.slice(8, -16)}<mark>${last}</mark></code>`,
      ],
      ['Token: the first 32 bits', html`<code>${wanted}</code>`],
      ['IDSN: the last 64 bits', html`<code>${last}</code> = ${BigInt(`0x${last}`)}`],
      ['First octet of data', html`IDSN + 1 = ${BigInt.asUintN(64, BigInt(`0x${last}`) + 1n)}`],
    ],
    `printf ${hex(key)} | xxd -r -p | sha256sum`,
  );
}

/** An HMAC of which a part is sent. */
export function hmacDerivation(
  title: string,
  key: readonly (readonly [name: string, octets: Uint8Array])[],
  message: readonly (readonly [name: string, octets: Uint8Array])[],
  sent: Uint8Array,
  part: 'first' | 'last',
): Markup {
  const keyHex = key.map(([, octets]) => hex(octets)).join('');
  const messageHex = message.map(([, octets]) => hex(octets)).join('');
  const digest = createHmac('sha256', Buffer.from(keyHex, 'hex')).update(Buffer.from(messageHex, 'hex')).digest('hex');
  const size = sent.length * 2;
  const at = part === 'first' ? 0 : digest.length - size;
  same(digest.slice(at, at + size), hex(sent));
  return worked(
    title,
    [
      ['Key of the HMAC', pieces(key)],
      ['Message', pieces(message)],
      ['HMAC-SHA256', marked(digest, at, at + size)],
      [`Sent: the ${part} ${sent.length * 8} bits`, html`<code>${hex(sent)}</code>`],
    ],
    `printf ${messageHex} | xxd -r -p |\n  openssl dgst -sha256 -mac HMAC -macopt hexkey:${keyHex}`,
  );
}

/** A checksum, word by word. */
export function checksumDerivation(
  title: string,
  mapping: {
    readonly dataSequenceNumber: bigint;
    readonly subflowSequenceNumber: number;
    readonly dataLevelLength: number;
  },
  payload: Uint8Array,
  checksum: number,
): Markup {
  const header = Buffer.alloc(16);
  header.writeBigUInt64BE(mapping.dataSequenceNumber, 0);
  header.writeUInt32BE(mapping.subflowSequenceNumber, 8);
  header.writeUInt16BE(mapping.dataLevelLength, 12);
  const words = (bytes: Uint8Array) =>
    Array.from({ length: Math.ceil(bytes.length / 2) }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const pseudo = words(header);
  const data = words(payload);
  const sum = [...pseudo, ...data].reduce((total, word) => total + word, 0);
  const folded = fold(sum);
  same(0xffff - folded, checksum);
  same(checksum, dssChecksum(mapping, payload));
  const word = (value: number) => value.toString(16).padStart(4, '0');
  const row = (values: readonly number[]) =>
    html`<code class="words">${values.map((value) => html`<span>${word(value)}</span> `)}</code>`;
  return worked(title, [
    ['64-bit data sequence number', row(pseudo.slice(0, 4))],
    ['Subflow Sequence Number', row(pseudo.slice(4, 6))],
    ['Data-Level Length, zeros', row(pseudo.slice(6))],
    [`The data, ${payload.length} octets${payload.length % 2 === 1 ? ' and one zero' : ''}`, row(data)],
    ['Sum of all', html`<code>0x${sum.toString(16)}</code>`],
    [
      'Carries added below',
      html`<code>0x${(sum & 0xffff).toString(16)} + 0x${(sum >>> 16).toString(16)}</code> = <code>0x${word(folded)}</code>`,
    ],
    ['All bits turned', html`<code><mark>0x${word(checksum)}</mark></code>, as sent`],
  ]);
}

function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

function worked(title: string, rows: readonly (readonly [string, Content])[], command?: string): Markup {
  return html`<figure class="worked"><figcaption>${title}</figcaption><table><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  )}</tbody></table>${command !== undefined && html`<pre class="code"><code><span class="prompt">$ </span>${command}</code></pre>`}</figure>`;
}

function pieces(parts: readonly (readonly [name: string, octets: Uint8Array])[]): Markup {
  return html`${parts.map(([name, octets]) => html`<span class="piece"><code>${hex(octets)}</code> <small>${name}</small></span> `)}`;
}

function marked(text: string, from: number, to: number): Markup {
  return html`<code class="digest">${text.slice(0, from)}<mark>${text.slice(from, to)}</mark>${text.slice(to)}</code>`;
}

function same(a: unknown, b: unknown): void {
  if (a !== b) throw new Error(`a derivation gives ${String(a)}, the capture or library has ${String(b)}`);
}
