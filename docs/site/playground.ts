/** The playground's page: what there is before the script runs. */
import { explain } from '../../src/explain/explain.ts';
import { html } from '../../src/report/markup.ts';
import { octetsFigure } from '../../src/report/octets.ts';
import { loadCapture } from './captures.ts';
import type { Page } from './page.ts';
import { hexOf } from './segments.ts';

/** The page, with examples from the illustrated connection. */
export function playgroundPage(): Page {
  const samples = samplesOf();
  const first = samples.find(({ name }) => name === 'MP_JOIN SYN') ?? samples[0]!;
  const tokens = calculatorSample();
  const body = html`<h1>Playground</h1>
<p class="lede">Paste octets in any dress, or an option as JSON. Change a field and see the octets move; change an octet and see what it means.</p>
<noscript><p>The playground runs in your browser and needs JavaScript. Below is what it shows for one option.</p></noscript>
<form data-playground>
<div class="paste"><label for="text">Hex, base64, a dump of tcpdump, xxd or Wireshark, or the JSON of an option</label>
<textarea id="text" data-p="text" rows="4" spellcheck="false" autocomplete="off" autocapitalize="off">${groups(first.hex)}</textarea>
<p class="pasted"><span data-p="state" role="status">${first.hex.length / 2} octets.</span> <label>Read as <select data-p="as"><option value="">what it looks like</option><option value="option">one option</option><option value="options">list of options</option><option value="tcp">TCP header</option><option value="ip">IP packet</option><option value="frame">frame</option></select></label></p>
<p class="samples">${samples.map(({ name, hex }) => html`<button type="button" data-sample="${groups(hex)}">${name}</button>`)}</p></div>
<div data-p="figure">${octetsFigure(bytesOf(first.hex), explain(bytesOf(first.hex)), { caption: 'The octets, field by field' })}</div>
<section aria-labelledby="words-h"><h2 id="words-h">In words</h2>
<label>It stands on <select data-p="segment"><option value="">any segment</option><option value="S">a SYN</option><option value="SA">a SYN/ACK</option><option value="A">an ACK</option><option value="RA">a RST</option></select></label>
<div data-p="words" aria-live="polite"></div></section>
<section aria-labelledby="budget-h"><h2 id="budget-h">Forty octets</h2>
<p data-p="companions" class="companions">Beside it: <label><input type="checkbox" data-p="timestamps" checked> timestamps</label> <label><input type="checkbox" data-p="syn"> the rest of a SYN</label> <label>SACK <select data-p="sack"><option>0</option><option>1</option><option>2</option><option>3</option></select> blocks</label></p>
<div data-p="budget"></div></section>
<section aria-labelledby="link-h"><h2 id="link-h">A link to this</h2>
<p>All of it stands behind the number sign, which browsers do not send to servers. Keys would let others join a live connection: they are zeros in the link unless you say so.</p>
<p class="link"><button type="button" data-do="link">Make a link</button> <label><input type="checkbox" data-p="withKeys"> with keys</label> <input data-p="link" readonly aria-label="The link" value=""></p></section>
<section aria-labelledby="calc-h" data-calculator><h2 id="calc-h">Tokens, HMACs, checksums</h2>
<p>A opens the subflow and B answers. With keys and nonces filled in, the octets above get a verdict. <button type="button" data-do="fill" data-fill="${JSON.stringify(tokens)}">Fill in the illustrated connection</button></p>
<div class="calc">
<label>Version <select data-p="version"><option>1</option><option>0</option></select></label>
<label>Key of A <input data-p="keyA" class="hex" size="18" spellcheck="false" autocomplete="off"></label>
<label>Key of B <input data-p="keyB" class="hex" size="18" spellcheck="false" autocomplete="off"></label>
<label>Nonce of A <input data-p="nonceA" class="hex" size="10" spellcheck="false" autocomplete="off"></label>
<label>Nonce of B <input data-p="nonceB" class="hex" size="10" spellcheck="false" autocomplete="off"></label>
<label>Address ID <input data-p="addressId" inputmode="numeric" size="4" value="1"></label>
<label>Address <input data-p="address" size="24" spellcheck="false" autocomplete="off"></label>
<label>Port <input data-p="port" inputmode="numeric" size="6"></label>
<label>DSN <input data-p="dsn" size="22" spellcheck="false" autocomplete="off"></label>
<label>SSN <input data-p="ssn" inputmode="numeric" size="8" value="1"></label>
<label>Length <input data-p="length" inputmode="numeric" size="6" placeholder="auto"></label>
<label>Data <input data-p="payload" size="24" spellcheck="false" autocomplete="off"></label>
</div><div data-p="derived" class="scroll" aria-live="polite"></div></section>
</form>`;
  return {
    path: 'playground.html',
    title: 'Playground',
    description: 'Decode, edit and build MPTCP options octet by octet, in your browser.',
    body,
    scripts: ['assets/playground.js'],
    layout: 'wide',
  };
}

/** One of each form that the illustrated connection has, the first SYN's list, and a frame. */
function samplesOf(): { name: string; hex: string }[] {
  const found = new Map<string, string>();
  const segments = loadCapture('illustrated');
  for (const { options, packet } of segments) {
    for (const { at, size } of options) {
      const bytes = packet.bytes.subarray(at, at + size);
      const name = explain(bytes, 'option')[0]!.of.replace('version 1 ', '');
      if (!found.has(name)) found.set(name, hexOf(bytes));
    }
  }
  const [syn] = segments;
  found.set('TCP header', hexOf(syn!.packet.bytes.subarray(syn!.tcpAt, syn!.payloadAt)));
  const data = segments.find(({ tcp }) => tcp.payloadLength > 0);
  found.set('Whole frame', hexOf(data!.packet.bytes));
  return [...found].map(([name, hex]) => ({ name, hex }));
}

/** What the calculator can be filled with. */
function calculatorSample(): Record<string, string> {
  const options = loadCapture('illustrated').flatMap((segment) =>
    segment.options.map(({ option }) => ({ option, segment })),
  );
  const values: Record<string, string> = {};
  for (const { option, segment } of options) {
    if (option.type === 'MP_CAPABLE' && option.receiverKey !== undefined) {
      values['keyA'] = hexOf(option.senderKey!);
      values['keyB'] = hexOf(option.receiverKey);
    } else if (option.type === 'MP_JOIN' && option.form !== 'ack') {
      values[option.form === 'syn' ? 'nonceA' : 'nonceB'] = option.nonce.toString(16).padStart(8, '0');
    } else if (option.type === 'ADD_ADDR' && !option.echo) {
      values['addressId'] = `${option.addressId}`;
      values['address'] = [...option.address].join('.');
    } else if (option.type === 'DSS' && option.mapping && segment.tcp.payloadLength > 0 && !values['dsn']) {
      values['dsn'] = `${option.mapping.dataSequenceNumber}`;
      values['ssn'] = `${option.mapping.subflowSequenceNumber}`;
      values['length'] = `${option.mapping.dataLevelLength}`;
      values['payload'] = Buffer.from(segment.tcp.payload).toString().replaceAll('\n', '\\n');
    }
  }
  return values;
}

function groups(hex: string): string {
  return hex.replace(/(.{8})(?=.)/g, '$1 ');
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
