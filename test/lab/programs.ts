/**
 * Scenarios whose ends are programs as people run them.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { open } from './healthy.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './topology.ts';

export const PROGRAMS: readonly Scenario[] = [
  {
    name: '21-go',
    about: 'a Go HTTP client that asks for MPTCP, and a Go server, which listens with MPTCP by default',
    paths: 2,
    needs: ['go'],
    findings: [],
    settings: twoPaths,
    async play(stage) {
      const { client, server } = stage.world;
      const serving = stage.run(server, goProgram('server'));
      await serving.printed('listening');
      const getting = stage.run(client, goProgram('client'));
      getting.tell('http://10.1.0.2:8080/');
      await getting.printed('got');
      await server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      getting.tell('http://10.1.0.2:8080/');
      await getting.printed('got', 2);
      await getting.printed('MPTCP true');
      await serving.printed('MPTCP true');
      getting.finish();
      await getting.ended();
      await stage.rest(200);
    },
  },
  {
    name: '21b-curl-go',
    about: 'curl under mptcpize, and a Go server, which listens with MPTCP by default',
    paths: 2,
    needs: ['go', 'curl', 'mptcpize'],
    findings: [],
    settings: twoPaths,
    async play(stage) {
      const { client, server } = stage.world;
      const serving = stage.run(server, goProgram('server'));
      await serving.printed('listening');
      const getting = stage.run(
        client,
        'mptcpize',
        'run',
        'curl',
        '-sSf',
        '-o',
        '/dev/null',
        'http://10.1.0.2:8080/slow',
      );
      await server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      await serving.printed('MPTCP true');
      await getting.ended();
      await stage.rest(200);
    },
  },
  {
    name: '21c-iperf3',
    about: 'iperf3 at both ends, under mptcpize: a control connection and one with data',
    paths: 2,
    needs: ['iperf3', 'mptcpize'],
    findings: [],
    settings: twoPaths,
    async play(stage) {
      const { client, server } = stage.world;
      const serving = stage.run(server, 'mptcpize', 'run', 'iperf3', '-s', '-1', '--forceflush');
      await serving.printed('listening');
      const words = ['-c', '10.1.0.2', '-n', '12K', '-l', '1K', '-b', '100K'];
      const sending = stage.run(client, 'mptcpize', 'run', 'iperf3', ...words);
      await server.counted('MPJoinAckRx', 2);
      await stage.rest(100);
      stage.note();
      await sending.ended();
      await stage.rest(200);
    },
  },
];

/** The client joins on its second path. */
function twoPaths(world: World): void {
  open(world);
  world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow id 2');
}

/** A Go program of this directory, built; its path. It is removed when the run ends. */
function goProgram(name: string): string {
  const source = fileURLToPath(new URL(`programs/${name}.go`, import.meta.url));
  const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-go-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, name);
  execFileSync('go', ['build', '-o', path, source], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
  return path;
}
