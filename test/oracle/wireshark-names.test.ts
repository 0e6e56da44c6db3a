import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { IPV4_FORM, IPV4_OPTION_FORMS, IPV6_EXTENSION_FORMS, IPV6_FORM, LINK_FORMS } from '../../src/ip/forms.ts';
import { FORMS } from '../../src/mptcp/forms.ts';
import { TCP_FORM, TCP_OPTION_FORMS } from '../../src/tcp/forms.ts';
import { has } from '../tools.ts';

const FIELDS = [
  ...FORMS,
  TCP_FORM,
  ...TCP_OPTION_FORMS,
  IPV4_FORM,
  ...IPV4_OPTION_FORMS,
  IPV6_FORM,
  ...Object.values(IPV6_EXTENSION_FORMS),
  ...Object.values(LINK_FORMS),
].flatMap(({ fields }) => fields);

describe('Wireshark names of the tables', () => {
  test.skipIf(!has('tshark'))('each is a field that tshark knows (needs tshark)', () => {
    const listing = execFileSync('tshark', ['-G', 'fields'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const known = new Set(listing.split('\n').map((line) => line.split('\t')[2]));
    const names = new Set(FIELDS.flatMap(({ wireshark }) => wireshark ?? []));
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
    expect(names.size).toBeGreaterThan(80);
  });
});
