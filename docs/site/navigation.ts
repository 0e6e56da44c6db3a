/** Every page of the site, in reading order. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Pages of evidence are written by programs and may not be there yet. */
function isWritten(path: string): boolean {
  return path.startsWith('guide/') || existsSync(join(DOCS, path.replace(/\.html$/, '.md')));
}

export interface Section {
  readonly title: string;
  readonly pages: readonly { readonly path: string; readonly label: string }[];
}

/** The options, in the order of RFC 8684. */
export const OPTION_PAGES = [
  { path: 'options/mp-capable.html', label: 'MP_CAPABLE' },
  { path: 'options/mp-join.html', label: 'MP_JOIN' },
  { path: 'options/dss.html', label: 'DSS' },
  { path: 'options/mp-prio.html', label: 'MP_PRIO' },
  { path: 'options/add-addr.html', label: 'ADD_ADDR' },
  { path: 'options/remove-addr.html', label: 'REMOVE_ADDR' },
  { path: 'options/mp-fastclose.html', label: 'MP_FASTCLOSE' },
  { path: 'options/mp-tcprst.html', label: 'MP_TCPRST' },
  { path: 'options/mp-fail.html', label: 'MP_FAIL' },
  { path: 'options/experimental.html', label: 'Private and unassigned' },
] as const;

export const NAVIGATION: readonly Section[] = [
  {
    title: 'Start',
    pages: [
      { path: 'index.html', label: 'Home' },
      { path: 'connection.html', label: 'The connection, illustrated' },
      { path: 'playground.html', label: 'Playground' },
      { path: 'capture.html', label: 'Trace a capture' },
    ],
  },
  { title: 'The options', pages: [{ path: 'options/index.html', label: 'All at a glance' }, ...OPTION_PAGES] },
  {
    title: 'Guides',
    pages: [
      { path: 'guide/what.html', label: 'What MPTCP is for' },
      { path: 'guide/start.html', label: 'How MPTCP starts and falls back' },
      { path: 'guide/middleboxes.html', label: 'Middleboxes and NAT' },
      { path: 'guide/load-balancers.html', label: 'Load balancers' },
      { path: 'guide/go.html', label: 'Go listens by default' },
      { path: 'guide/linux.html', label: 'Linux settings on the wire' },
      { path: 'guide/option-space.html', label: 'Forty octets' },
      { path: 'guide/capturing.html', label: 'Reading a capture' },
      { path: 'guide/findings.html', label: 'What the tracer finds' },
      { path: 'guide/versions.html', label: 'Version 0 and version 1' },
    ],
  },
  {
    title: 'The library',
    pages: [
      { path: 'guide/library.html', label: 'Using the library' },
      { path: 'guide/command-line.html', label: 'The command line' },
      { path: 'guide/embedding.html', label: 'In a load balancer' },
      { path: 'api/index.html', label: 'API reference' },
    ],
  },
  {
    title: 'Evidence',
    pages: [
      { path: 'guide/testing.html', label: 'How this is tested' },
      { path: 'vectors.html', label: 'Test vectors' },
      { path: 'conformance.html', label: 'Against the Linux kernel' },
      { path: 'disagreements.html', label: 'Against other decoders' },
      { path: 'violations.html', label: 'Rules checked' },
      { path: 'benchmarks.html', label: 'Speed' },
      { path: 'quality.html', label: 'Quality' },
      { path: 'architecture.html', label: 'Architecture' },
    ].filter(({ path }) => isWritten(path)),
  },
];
