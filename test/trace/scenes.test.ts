/**
 * Scenes: connections made here in which one thing happens, and what the tracer makes of it.
 */
import { describe, expect, test } from 'vitest';
import { mpCapableAck, mpTcprst } from '../../src/mptcp/build.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import { ACK } from '../packet.ts';
import { CLIENT, CLIENT2, key, Line, Scene, SERVER, short, Talk } from './scene.ts';

/** Play a scene; both ways through the tracer say the same. */
function traced(play: (scene: Scene, talk: Talk) => void, input: ConstructorParameters<typeof Talk>[1] = {}) {
  const scene = new Scene();
  play(scene, new Talk(scene, input));
  expect(scene.report(true)).toEqual(scene.report(false));
  return short(scene.report());
}

function mapping(dataSequenceNumber: bigint, subflowSequenceNumber: number, dataLevelLength: number): Dss {
  return { type: 'DSS', dataFin: false, mapping: { dataSequenceNumber, subflowSequenceNumber, dataLevelLength } };
}

describe('data', () => {
  test('a hole filled without its mapping, when that is no longer kept', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      line.up([mapping(talk.dsn[0], 1, 3000)], 1000);
      const hole = line.next[0];
      line.next[0] += 1000;
      line.up([], 1000);
      talk.dsn[0] += 3000n;
      for (let i = 0; i < 12; i++) {
        line.up([mapping(talk.dsn[0], line.next[0] - 1000, 60_000)], 30_000);
        line.up([], 30_000);
        talk.dsn[0] += 60_000n;
      }
      line.send(0, ACK, [], 1000, hole);
      line.down([talk.acks(1)]);
      talk.goodbye(line);
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 723000+0 0+0; keyEcho 1/0/0'],
      findings: [],
    });
  });

  test('data without a mapping, which stood in a segment that the capture missed', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.data(line, 0, 100);
      line.next[0] += 100;
      line.up([], 100);
      line.up([], 100);
      talk.dsn[0] += 300n;
      talk.data(line, 0, 100);
      talk.goodbye(line);
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 500+0 0+0; keyEcho 1/0/0'],
      findings: [],
    });
  });

  test('a subflow sequence number that is not relative: one finding, not also for the data', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      line.up([mapping(talk.dsn[0], 1001, 100)], 100);
      talk.dsn[0] += 100n;
      line.up([mapping(talk.dsn[0], 1101, 100)], 100);
      talk.dsn[0] += 100n;
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['warning mapping-mismatch 5,6']);
  });

  test('data that begins where the key does not say: nothing more about the data', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = new Line(scene, CLIENT, SERVER);
      line.syn([talk.offer]);
      line.synAck([talk.answer]);
      line.up([mpCapableAck({ senderKey: key(9), receiverKey: talk.keys[1] })]);
      talk.data(line, 1, 10);
      talk.data(line, 0, 10);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['error key-mismatch 3,5,6']);
  });

  test('a mapping declared twice, at different places: the key has no part in it', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      line.up([mapping(talk.dsn[0], 1, 100)], 100);
      line.send(0, ACK, [mapping(talk.dsn[0] + 50n, 1, 100)], 100, 1001);
      talk.dsn[0] += 100n;
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['warning mapping-mismatch 5,6']);
  });

  test('DATA_FIN in a mapping of length 0 is no infinite mapping', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.data(line, 0, 100);
      line.up([{ ...mapping(talk.dsn[0], 0, 0), dataFin: true }]);
      talk.goodbye(line);
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 100+0 0+0; keyEcho 1/0/0'],
      findings: ['warning violation/dss-data-fin-length 6'],
    });
  });

  test('a subflow reset for data without a mapping: the data is the finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const second = talk.join(new Line(scene, CLIENT2, SERVER));
      talk.data(line, 0, 100);
      second.up([], 100);
      second.reset(1, [mpTcprst({ reason: 6 })]);
      talk.data(line, 0, 100);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['warning mptcp-lost-after-handshake 10']);
  });
});
