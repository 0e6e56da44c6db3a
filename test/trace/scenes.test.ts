/**
 * Scenes: connections made here in which one thing happens, and what the tracer makes of it.
 */
import { describe, expect, test } from 'vitest';
import type { Dss } from '../../src/mptcp/dss.ts';
import { ACK } from '../packet.ts';
import { Scene, short, Talk } from './scene.ts';

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
});
