/**
 * Whole captures: the tracer against what is known of them.
 *
 * Tokens are the ones that `ss` printed on the hosts, octets the ones that the programs sent;
 * verdicts and findings follow from what was done to each connection (fixtures/README.md).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import type { ReportConnection, TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';

/** What a report says, in short: subflows with octets each way, verdicts as good/bad/unverified, findings with frames. */
interface Short {
  connections: {
    state: string;
    tokens: string;
    checksum: boolean;
    subflows: string[];
    data: string;
    plain: string;
    verdicts: Record<string, string>;
    findings: string[];
    fallback?: string | undefined;
  }[];
  findings: string[];
}

const EXPECTED: Record<string, Short> = {
  '01-basic.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '6dcafad4 a82f4357',
        checksum: false,
        subflows: ['initial by client closed 3022/5022'],
        data: '3022/5022',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '03-add-addr4.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'b2987ddd 980c22dc',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client closed 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', addAddrHmac: '1/0/0', keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '03e-add-addr-tampered.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '78dbfffe 1df2eafb',
        checksum: false,
        subflows: ['initial by client closed 600/1000'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { addAddrHmac: '0/1/0', keyEcho: '1/0/0' },
        findings: ['error add-addr-hmac-bad 7'],
      },
    ],
    findings: [],
  },
  '04-add-addr6.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '29158917 8f938ebb',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client closed 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', addAddrHmac: '1/0/0', keyEcho: '1/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '05-add-addr4-port.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'ab7d7db6 43dd8cb6',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client closed 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', addAddrHmac: '1/0/0', keyEcho: '1/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '05b-add-addr6-port-dropped.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'dfcbb0d4 5e47e299',
        checksum: false,
        subflows: ['initial by client closed 600/1000'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '06-remove-addr.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '4fd0ac25 8a0c80bd',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client closed 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '07-backup.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '7493a152 56ae7ea9',
        checksum: false,
        subflows: ['initial by client closed 32156/1000', 'join by client closed 8444/0'],
        data: '40600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '07b-backup-server.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'd55a76cc 49ccd556',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client closed 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', addAddrHmac: '1/0/0', keyEcho: '1/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '08b-checksum-client-only.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'c85e7371 8dc8d0fe',
        checksum: true,
        subflows: ['initial by client closed 101/203'],
        data: '101/203',
        plain: '0/0',
        verdicts: { dssChecksum: '4/0/0', keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '09-fastclose-linger0.pcap': {
    connections: [
      {
        state: 'fastclosed',
        tokens: '9a950c67 2d278633',
        checksum: false,
        subflows: ['initial by client reset 300/500', 'join by client reset 0/0'],
        data: '300/500',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', keyEcho: '2/0/0', fastcloseKey: '2/0/0' },
        findings: ['note fastclose 16,17', 'note subflow-reset 16,17'],
      },
    ],
    findings: [],
  },
  '10-rst-no-subflows-allowed.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '6f514a5f bd3a0ca5',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client refused 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', keyEcho: '2/0/0' },
        findings: ['error join-refused 14,17'],
      },
    ],
    findings: [],
  },
  '10b-rst-unknown-token.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '17f02ee9 f72a8872',
        checksum: false,
        subflows: ['initial by client closed 300/500', 'join by client failed 0/0'],
        data: '300/500',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: ['error join-no-option-in-syn-ack 19,20'],
      },
    ],
    findings: ['error join-unknown-token 13,14', 'error join-unknown-token 17,18', 'warning join-unknown-token 15,16'],
  },
  '10c-rst-bad-hmac.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '90d91d36 3366e6a6',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client refused 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { joinHmac: '1/1/0', keyEcho: '2/0/0' },
        findings: ['error join-hmac-bad 14'],
      },
    ],
    findings: [],
  },
  '11-fallback-server-tcp.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '- -',
        checksum: false,
        subflows: ['initial by client closed 300/500'],
        data: '0/0',
        plain: '300/500',
        verdicts: {},
        findings: ['warning no-mptcp-in-syn-ack 3,4'],
        fallback: 'no-mptcp-in-syn-ack',
      },
    ],
    findings: [],
  },
  '12-strip-all.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '- -',
        checksum: false,
        subflows: ['initial by client closed 300/500'],
        data: '0/0',
        plain: '300/500',
        verdicts: {},
        findings: ['warning no-mptcp-in-syn-ack 7,8'],
        fallback: 'no-mptcp-in-syn-ack',
      },
    ],
    findings: [],
  },
  '12b-strip-synack.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '- -',
        checksum: false,
        subflows: ['initial by client closed 300/500'],
        data: '0/0',
        plain: '300/500',
        verdicts: {},
        findings: ['warning no-mptcp-in-syn-ack 5,6', 'warning option-stripped 6'],
        fallback: 'no-mptcp-in-syn-ack',
      },
    ],
    findings: [],
  },
  '12b-strip-synack.server.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '- 6dc4ef1a',
        checksum: false,
        subflows: ['initial by client closed 300/500'],
        data: '0/0',
        plain: '300/500',
        verdicts: {},
        findings: ['warning no-mptcp-in-third-ack 4,5,6'],
        fallback: 'no-mptcp-in-third-ack',
      },
    ],
    findings: [],
  },
  '12d-strip-mid.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '6a21d708 1633da9e',
        checksum: false,
        subflows: ['initial by client closed 1000/1300'],
        data: '1000/1000',
        plain: '0/300',
        verdicts: { keyEcho: '2/0/0' },
        findings: ['warning mptcp-lost-after-handshake 16'],
        fallback: 'mptcp-lost-after-handshake',
      },
    ],
    findings: [],
  },
  '12e-strip-join.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'c80c8610 f43bf26d',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client failed 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: ['error join-no-option-in-syn-ack 10,11'],
      },
    ],
    findings: [],
  },
  '12f-drop-syn.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '- -',
        checksum: false,
        subflows: ['initial by client closed 300/500'],
        data: '0/0',
        plain: '300/500',
        verdicts: {},
        findings: ['warning no-mptcp-in-syn-ack 4,8,9,10,11'],
        fallback: 'no-mptcp-in-syn-ack',
      },
    ],
    findings: [],
  },
  '13-mp-fail-single.pcap': {
    connections: [
      {
        state: 'fallback',
        tokens: '8f3cc098 acc8d050',
        checksum: true,
        subflows: ['initial by client closed 690/180'],
        data: '602/180',
        plain: '88/0',
        verdicts: { dssChecksum: '4/0/0', keyEcho: '2/0/0' },
        findings: ['warning mp-fail 11,12', 'warning infinite-mapping 16'],
        fallback: 'infinite-mapping',
      },
    ],
    findings: [],
  },
  '14-c-flag.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: 'e0e1dd4b dcedf270',
        checksum: false,
        subflows: ['initial by client closed 300/500'],
        data: '300/500',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '14c-load-balancer.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '83effba3 bb2362d2',
        checksum: false,
        subflows: ['initial by client closed 8300/8500', 'join by client closed 0/0'],
        data: '8300/8500',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', addAddrHmac: '1/0/0', keyEcho: '1/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '14e-load-balancer-no-c.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '34ac1c02 4adb4d21',
        checksum: false,
        subflows: ['initial by client closed 600/1000', 'join by client refused 0/0'],
        data: '600/1000',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: ['error join-wrong-host 12,13'],
      },
    ],
    findings: [],
  },
  '15-nat-path2.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '02c0d1b1 d338b4f8',
        checksum: false,
        subflows: ['initial by client closed 31856/500', 'join by client closed 8444/0'],
        data: '40300/500',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  '16-path-lost.pcap': {
    connections: [
      {
        state: 'established',
        tokens: '4a2b813a 92eaac9d',
        checksum: false,
        subflows: ['initial by client established 3300/500', 'join by client closed 3000/0'],
        data: '3300/500',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', keyEcho: '2/0/0' },
        findings: ['warning subflow-stalled 27,29,30,46'],
      },
    ],
    findings: [],
  },
  '18d-tfo.pcap': {
    connections: [
      {
        state: 'closed',
        tokens: '3629c878 81b24f1f',
        checksum: false,
        subflows: ['initial by client closed 300/140'],
        data: '300/140',
        plain: '0/0',
        verdicts: { keyEcho: '2/0/0' },
        findings: [],
      },
      {
        state: 'closed',
        tokens: 'e1e5c278 2baed546',
        checksum: false,
        subflows: ['initial by client closed 100/140'],
        data: '100/140',
        plain: '200/0',
        verdicts: { keyEcho: '1/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
  'illustrated.pcapng': {
    connections: [
      {
        state: 'closed',
        tokens: 'dc6c000e fd8be9b5',
        checksum: true,
        subflows: ['initial by client closed 55/44', 'join by client closed 87/19'],
        data: '142/63',
        plain: '0/0',
        verdicts: { joinHmac: '2/0/0', addAddrHmac: '1/0/0', dssChecksum: '8/0/0', keyEcho: '2/0/0' },
        findings: [],
      },
    ],
    findings: [],
  },
};

function short({ connections, findings }: TraceReport): Short {
  const said = (list: TraceReport['findings']) =>
    list.map(({ severity, code, frames }) => `${severity} ${code} ${frames}`);
  return {
    connections: connections.map((one) => ({
      state: one.state,
      tokens: `${one.clientToken ?? '-'} ${one.serverToken ?? '-'}`,
      checksum: one.checksum,
      subflows: one.subflows.map(({ kind, initiator, state, bytes }) => {
        return `${kind} by ${initiator} ${state} ${bytes.fromClient}/${bytes.fromServer}`;
      }),
      data: `${one.data.fromClient.bytes}/${one.data.fromServer.bytes}`,
      plain: `${one.data.fromClient.plainBytes}/${one.data.fromServer.plainBytes}`,
      verdicts: Object.fromEntries(
        Object.entries(one.verdicts)
          .map(([check, { good, bad, unverified }]) => [check, `${good}/${bad}/${unverified}`])
          .filter(([, counts]) => counts !== '0/0/0'),
      ),
      findings: said(one.findings),
      ...(one.fallback === null ? {} : { fallback: one.fallback.reason }),
    })),
    findings: said(findings),
  };
}

function packetsOf(files: readonly string[]): CapturedPacket[] {
  const packets = files.flatMap((file) => [...readCaptureSync(new Uint8Array(readFileSync(file)))]);
  return packets.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function trace(packets: readonly CapturedPacket[], steady = true): TraceReport {
  const tracer = new Tracer({ steady });
  for (const packet of packets) tracer.push(packet);
  return tracer.report();
}

describe('our captures', () => {
  test.each(Object.keys(EXPECTED))('%s', (name) => {
    expect(short(trace(packetsOf([`fixtures/captures/${name}`])))).toEqual(EXPECTED[name]);
  });

  test.each(Object.keys(EXPECTED))('%s: the short way and the general way say the same', (name) => {
    const packets = packetsOf([`fixtures/captures/${name}`]);
    expect(trace(packets, true)).toEqual(trace(packets, false));
  });
});

const SHARED = '../shared/captures';
const scenarios = existsSync(SHARED)
  ? readdirSync(SHARED).filter((name) => existsSync(`${SHARED}/${name}/any.pcap`))
  : [];

/** One connection of a truth.json, as far as it is compared. */
interface Truth {
  state: string;
  client: string;
  version: number;
  token_client: string;
  token_server: string;
  idsn_client: string;
  checksum_required: boolean;
  data_bytes: { client: number; server: number };
  subflows: {
    tuple: string;
    initiator: string;
    join?: { hmac_synack_ok?: boolean | null; hmac_ack_ok?: boolean | null };
  }[];
  add_addrs: { from: string; echo: boolean; hmac: string | null; hmac_ok?: boolean }[];
  mappings: { subflow: string; from: string; dsn: string; ssn: number; dlen: number; csum: number | null }[];
}

describe.skipIf(scenarios.length === 0)('captures with ground truth (needs ../shared)', () => {
  test.each(scenarios)('%s', (name) => {
    const directory = `${SHARED}/${name}`;
    const truth = JSON.parse(readFileSync(`${directory}/truth.json`, 'utf8')) as {
      connections: Truth[];
      unresolved_joins: unknown[];
    };
    const single = readdirSync(directory).filter((file) => /^eth\d\.pcap$/.test(file));
    const whole = [['any.pcap'], ['all.pcapng'], single].filter((files) => {
      return files.length > 0 && files.every((file) => existsSync(`${directory}/${file}`));
    });
    const reports = whole.map((files) => trace(packetsOf(files.map((file) => `${directory}/${file}`))));
    for (const report of reports) {
      expect(report.connections.length).toBe(truth.connections.length);
      const strays = report.findings.filter(({ code }) => code === 'join-unknown-token');
      expect(strays.length).toBe(truth.unresolved_joins.length);
      for (const wanted of truth.connections) compare(report, wanted);
    }
    for (const file of single) consistent(trace(packetsOf([`${directory}/${file}`])), reports[0] as TraceReport);
  });

  test.each(scenarios)('%s: the short way and the general way say the same', (name) => {
    const packets = packetsOf([`${SHARED}/${name}/any.pcap`]);
    expect(trace(packets, true)).toEqual(trace(packets, false));
  });
});

function compare(report: TraceReport, truth: Truth): void {
  const found = report.connections.find(({ client }) => nameOf(client) === truth.client) as ReportConnection;
  expect(found, truth.client).toBeDefined();
  if (truth.state !== 'mptcp') {
    expect(found.state).toBe('fallback');
    return;
  }
  const sameToken = report.connections.find(
    ({ clientToken }) => clientToken === truth.token_client,
  ) as ReportConnection;
  expect(sameToken, truth.token_client).toBeDefined();
  expect(sameToken.serverToken).toBe(truth.token_server);
  expect(sameToken.clientIdsn).toBe(BigInt(`0x${truth.idsn_client}`).toString());
  expect(sameToken.version).toBe(truth.version);
  expect(sameToken.checksum).toBe(truth.checksum_required);
  expect(sameToken.data.fromClient.bytes).toBe(truth.data_bytes.client);
  expect(sameToken.data.fromServer.bytes).toBe(truth.data_bytes.server);
  const subflows = sameToken.subflows.map((one) => {
    const tuple = one.initiator === 'client' ? [one.client, one.server] : [one.server, one.client];
    return `${tuple.map(nameOf).join('>')} by ${one.initiator}`;
  });
  expect(subflows.sort()).toEqual(
    truth.subflows.map(({ tuple, initiator }) => turned(tuple, initiator, sameToken)).sort(),
  );
  const proofs = truth.subflows.flatMap(({ join }) => [join?.hmac_synack_ok, join?.hmac_ack_ok]);
  expect(sameToken.verdicts.joinHmac.good).toBe(proofs.filter((ok) => ok === true).length);
  expect(sameToken.verdicts.joinHmac.bad).toBe(proofs.filter((ok) => ok === false).length);
  const advertised = truth.add_addrs.filter(({ echo, hmac }) => !echo && hmac !== null);
  const count = (ok: boolean) =>
    new Set(advertised.filter((one) => one.hmac_ok === ok).map(({ from, hmac }) => `${from} ${hmac}`)).size;
  expect(sameToken.verdicts.addAddrHmac.good).toBe(count(true));
  expect(sameToken.verdicts.addAddrHmac.bad).toBe(count(false));
  const summed = truth.mappings.filter(({ csum, dlen }) => csum !== null && dlen > 0);
  const sums = new Set(summed.map(({ subflow, from, dsn, ssn, dlen }) => `${subflow} ${from} ${dsn} ${ssn} ${dlen}`))
    .size;
  expect(sameToken.verdicts.dssChecksum).toEqual({ good: sums, bad: 0, unverified: 0 });
}

/** One interface alone knows less, and never says otherwise. */
function consistent(part: TraceReport, whole: TraceReport): void {
  for (const one of part.connections) {
    const same = whole.connections.find(({ clientToken, client }) => {
      return one.clientToken === undefined ? nameOf(client) === nameOf(one.client) : clientToken === one.clientToken;
    });
    expect(same).toBeDefined();
    for (const check of Object.keys(one.verdicts) as (keyof typeof one.verdicts)[]) {
      expect(one.verdicts[check].bad).toBeLessThanOrEqual(same?.verdicts[check].bad ?? 0);
    }
    const codes = same?.findings.map(({ code }) => code) ?? [];
    for (const { code, severity } of one.findings) if (severity !== 'note') expect(codes).toContain(code);
  }
}

function nameOf({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The truth's tuple is in the order of the SYN. */
function turned(tuple: string, initiator: string, { subflows }: ReportConnection): string {
  const [from, to] = tuple.split('>') as [string, string];
  const known = subflows.some(({ client, server }) => [nameOf(client), nameOf(server)].includes(from));
  return known ? `${from}>${to} by ${initiator}` : `${to}>${from} by ${initiator}`;
}
