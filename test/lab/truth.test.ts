/**
 * The tracer against the kernels' own word: every capture that has a truth beside it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { shapeOf } from './shape.ts';
import type { TrueConnection } from './stage.ts';
import { variantsOf } from './variants.ts';

const CAPTURES = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));
const TRUTH = '.truth.json';
const names = readdirSync(CAPTURES)
  .filter((name) => name.endsWith(TRUTH))
  .map((name) => name.slice(0, -TRUTH.length));

describe('captures of the lab, traced', () => {
  test('there are some', () => {
    expect(names.length).toBeGreaterThan(25);
  });

  test.each(names)('%s: tokens and subflows as ss printed them, findings as expected', (name) => {
    const truth = JSON.parse(readFileSync(`${CAPTURES}${name}${TRUTH}`, 'utf8'));
    const capture = readFileSync(`${CAPTURES}${name}.pcap`);
    const tracer = new Tracer();
    for (const packet of readCaptureSync(capture)) tracer.push(packet);
    const { connections } = tracer.report();
    for (const { client, server, clientToken, serverToken, subflows } of truth.connections as TrueConnection[]) {
      const traced = connections.find((connection) => place(connection.client) === client);
      if (clientToken === undefined) {
        expect(traced, `${client}, which did not ask for MPTCP`).toBeUndefined();
        continue;
      }
      expect(traced, `the connection of ${client}`).toBeDefined();
      expect(place(traced!.server)).toBe(server);
      expect(traced!.serverToken).toBe(serverToken);
      // A client that is refused never sends its key: only its own kernel knows the token.
      if (serverToken !== undefined) expect(traced!.clientToken).toBe(clientToken);
      const joined = traced!.subflows.filter(({ state }) => state !== 'refused' && state !== 'failed');
      expect(joined.length).toBeGreaterThanOrEqual(subflows);
    }
    expect(shapeOf(capture).findings).toEqual(truth.findings);
  });
});

describe('variants of a capture', () => {
  const variants = variantsOf(readFileSync(`${CAPTURES}03-add-addr4.pcap`));

  test('are all there, and nothing else is', () => {
    expect([...variants.keys()].sort()).toEqual(readdirSync(`${CAPTURES}variants`).sort());
  });

  test.each([...variants])('%s is made of that capture, octet by octet', (name, made) => {
    const shipped = readFileSync(`${CAPTURES}variants/${name}`);
    const [a, b] = name.endsWith('.gz') ? [gunzipSync(made), gunzipSync(shipped)] : [made, shipped];
    expect(Buffer.compare(a, b)).toBe(0);
  });
});

function place({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
