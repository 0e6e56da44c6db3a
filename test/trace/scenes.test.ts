/**
 * Scenes: connections made here in which one thing happens, and what the tracer makes of it.
 */
import { describe, expect, test } from 'vitest';
import {
  addAddr,
  addAddrEcho,
  mpCapableAck,
  mpCapableSynAck,
  mpFastclose,
  mpPrio,
  mpTcprst,
  removeAddr,
} from '../../src/mptcp/build.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { ACK, captured, type PacketParts, RST, SYN } from '../packet.ts';
import { CLIENT, CLIENT2, key, Line, Scene, SERVER, SERVER2, short, Talk } from './scene.ts';

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
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 200+0 0+0; keyEcho 1/0/0'],
      findings: ['warning mapping-mismatch 5,6'],
    });
  });

  test('data without mappings of both hosts: the one that began is named', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.data(line, 0, 100);
      line.down([], 100);
      line.up([], 100);
      line.down([], 100);
    };
    expect(traced(play)).toEqual({
      connections: ['fallback; initial by client established; 100+100 0+200; keyEcho 1/0/0'],
      findings: ['warning mptcp-lost-after-handshake 6,8'],
    });
  });

  test('data that outgrew its mapping, then data without any from the host that got it: one finding', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      line.up([mapping(talk.dsn[0], 1, 100)], 103);
      line.down([], 50);
      line.close();
    };
    expect(traced(play)).toEqual({
      connections: ['fallback; initial by client closed; 100+3 0+50; keyEcho 1/0/0'],
      findings: ['warning mapping-mismatch 5'],
    });
  });

  test('data without mappings, and a join that never worked: plain TCP all the same, and no more than a note of the join', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      line.down([], 100);
      const join = new Line(scene, CLIENT2, SERVER);
      join.syn([talk.joining().syn]);
      join.synAck([talk.joining().synAck]);
      join.reset(0);
      line.up([], 100);
      line.close();
    };
    expect(traced(play)).toEqual({
      connections: [
        'fallback; initial by client closed; join by client failed; 0+100 0+100; joinHmac 1/0/0; keyEcho 1/0/0',
      ],
      findings: ['warning mptcp-lost-after-handshake 5', 'note join-refused 6,7,8'],
    });
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

  test.each([4, 8] as const)(
    'data that begins behind other data, on a subflow that the capture misses: %i octets',
    (width) => {
      const play = (_: Scene, talk: Talk): void => {
        const line = talk.hello();
        talk.dsn[1] += 5000n;
        talk.width = width;
        talk.data(line, 1, 100);
        talk.data(line, 0, 10);
        talk.goodbye(line);
      };
      expect(traced(play)).toEqual({
        connections: ['closed; initial by client closed; 10+0 5100+0; keyEcho 1/0/0'],
        findings: [],
      });
    },
  );

  test('data that begins before where the key says', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.dsn[1] -= 50n;
      talk.data(line, 1, 100);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['error key-mismatch 2,5']);
  });

  test('data captured before its mapping, the first with a checksum: summed all the same', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      const payload = Uint8Array.from({ length: 300 }, (__, i) => i);
      const mapped = talk.mapping(line, 0, payload);
      line.send(0, ACK, [talk.acks(0)], payload.subarray(100), line.next[0] + 100);
      line.send(0, ACK, [mapped], payload.subarray(0, 100));
      line.next[0] += 200;
      talk.dsn[0] += 300n;
      talk.goodbye(line);
    };
    expect(traced(play, { checksum: true })).toEqual({
      connections: ['closed; initial by client closed; 300+0 0+0; dssChecksum 3/0/0; keyEcho 1/0/0'],
      findings: [],
    });
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

  test('an infinite mapping that the peer answers with its own: one finding', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.data(line, 0, 100);
      line.up([mapping(talk.dsn[0], 101, 0)], 100);
      line.down([mapping(talk.dsn[1], 1, 0)], 50);
      line.close();
    };
    expect(traced(play)).toEqual({
      connections: ['fallback; initial by client closed; 100+100 0+50; keyEcho 1/0/0'],
      findings: ['warning infinite-mapping 6,7'],
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

describe('ports used again', () => {
  const another = (scene: Scene) => ({
    talk: new Talk(scene, { keys: [key(5), key(6)] }),
    line: new Line(scene, CLIENT, SERVER, [91_000, 95_000]),
  });

  test('while the server still knows the older connection: its answer and the RST for it are no part of the new one', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const old = talk.hello();
      talk.data(old, 0, 100);
      const young = another(scene);
      young.line.syn([young.talk.offer]);
      old.down([talk.acks(1)]);
      young.line.send(0, RST, [], 0, old.next[0]);
      scene.wait(1);
      young.talk.hello(young.line);
      young.talk.data(young.line, 0, 10);
      young.talk.goodbye(young.line);
    };
    expect(traced(play)).toEqual({
      connections: [
        'established; initial by client established; 100+0 0+0; keyEcho 1/0/0',
        'closed; initial by client closed; 10+0 0+0; keyEcho 1/0/0',
      ],
      findings: [],
    });
  });

  test('while half open: the SYN/ACK for the older SYN answers none of the new one', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const old = new Line(scene, CLIENT, SERVER);
      old.syn([talk.offer]);
      const young = another(scene);
      young.line.syn([young.talk.offer]);
      old.synAck([talk.answer]);
      young.line.send(0, RST, [], 0, old.next[0]);
      scene.wait(1);
      young.talk.hello(young.line);
      young.talk.goodbye(young.line);
    };
    expect(traced(play)).toEqual({
      connections: [
        'opening; initial by client opening; 0+0 0+0',
        'closed; initial by client closed; 0+0 0+0; keyEcho 1/0/0',
      ],
      findings: [],
    });
  });

  /** Two connections on the same ports, and what is missed of the second. */
  function again(missed: number, finished: boolean) {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    if (finished) talk.goodbye(line);
    const from = scene.packets.length;
    const second = new Talk(scene, { keys: [key(7), key(8)] });
    const other = second.hello(new Line(scene, CLIENT, SERVER, [500_000, 900_000]));
    second.data(other, 0, 100);
    second.goodbye(other);
    scene.packets.splice(from, missed);
    return short(scene.report());
  }

  test.each([1, 2, 3, 4])('without the first %i packets of the younger connection', (missed) => {
    const { connections, findings } = again(missed, true);
    expect(connections.length).toBe(2);
    expect(connections[1]).toMatch(/^closed; initial by client closed; 10[01]\+0 0\+0/);
    expect(findings).toEqual(missed > 2 ? [expect.stringMatching(/^note mid-stream/)] : []);
  });

  test('keys of another connection, while the older one has not ended', () => {
    const { connections, findings } = again(2, false);
    expect(connections.length).toBe(2);
    expect(findings).toEqual([]);
  });

  test.each([
    ['all but the third packet, with data', [0, 1, 2, 4]],
    ['all but the SYN/ACK, the data and the MP_FASTCLOSE of the server', [0, 2, 3, 4]],
    ['the first three', [0, 1, 2]],
  ])('ends of the older one missed, and of the younger one %s: nothing is told of two in one', (_, missed) => {
    const scene = new Scene();
    const old = new Talk(scene);
    const first = old.hello();
    old.data(first, 0, 100);
    old.data(first, 1, 100);
    const from = scene.packets.length;
    const talk = new Talk(scene, { keys: [key(7), key(8)] });
    // As Linux begins behind a connection in TIME_WAIT.
    const line = new Line(scene, CLIENT, SERVER, [first.next[0] + 24_000_000, first.next[1] + 65_538]);
    talk.hello(line);
    talk.data(line, 1, 100);
    line.up([talk.acks(0)]);
    line.down([mpFastclose(talk.keys[0])]);
    for (const one of [...missed].reverse()) scene.packets.splice(from + one, 1);
    const { findings } = short(scene.report());
    expect(findings.filter((one) => !one.startsWith('note '))).toEqual([]);
  });

  test.each([
    ['answered with an ACK of the older one', (old: Line, _: Line, talk: Talk) => old.down([talk.acks(1)])],
    ['answered with a RST', (_: Line, stray: Line) => stray.reset(1)],
    ['that begins plain TCP', (_: Line, stray: Line) => stray.synAck([])],
    ['that begins plain TCP, the SYN/ACK missed', () => {}],
  ])('a SYN without MPTCP, %s: the older connection is as it was', (_, answer) => {
    const play = (scene: Scene, talk: Talk): void => {
      const old = talk.hello();
      talk.data(old, 0, 100);
      const stray = new Line(scene, CLIENT, SERVER, [91_000, 95_000]);
      stray.syn([]);
      answer(old, stray, talk);
      for (let i = 0; i < 3; i++) {
        stray.next[1] = 95_001 + 100 * i;
        stray.up([], 100);
        stray.down([], 100);
      }
      talk.data(old, 1, 50);
      talk.goodbye(old);
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 100+0 50+0; keyEcho 1/0/0'],
      findings: [],
    });
  });

  test('the end of an older connection, then a SYN: its number is ahead of what was seen', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const older = new Line(scene, CLIENT, SERVER, [300, 400]);
      older.up([talk.acks(0)]);
      talk.goodbye(talk.hello());
    };
    expect(traced(play)).toEqual({
      connections: ['mid-stream; initial by client established; 0+0 0+0', expect.stringMatching(/^closed; /)],
      findings: ['note mid-stream 1'],
    });
  });

  test('data in a SYN, whose SYN/ACK was missed: the data behind it tells that it was taken', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = new Line(scene, CLIENT, SERVER);
    line.syn([talk.offer], 100);
    line.synAck([talk.answer]);
    line.up([talk.third]);
    // Subflow sequence numbers do not count the data of the SYN.
    line.up([mapping(talk.dsn[0], 1, 50)], 50);
    scene.packets.splice(1, 1);
    expect(short(scene.report()).findings).toEqual([]);
  });

  test('data in a SYN that is repeated without: the SYN/ACK takes it', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = new Line(scene, CLIENT, SERVER);
      line.syn([talk.offer], 50);
      line.send(0, SYN, [talk.offer], 0, 1000);
      line.synAck([talk.answer]);
      line.up([talk.third]);
      line.up([mapping(talk.dsn[0], 1, 100)], 100);
      talk.dsn[0] += 100n;
      talk.goodbye(line);
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 100+50 0+0; keyEcho 1/0/0'],
      findings: [],
    });
  });
});

describe('SYNs without an answer, then plain TCP', () => {
  test.each([
    [1, 'warning no-mptcp-in-syn-ack/syn-dropped 1,2,3,4'],
    [2, 'warning no-mptcp-in-syn-ack 1,2,3,4,5'],
  ])('two with MPTCP, the last of %i without it answered', (plains, finding) => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = new Line(scene, CLIENT, SERVER);
      for (const options of [[talk.offer], [talk.offer], ...Array.from({ length: plains }, () => [])]) {
        line.syn(options);
        scene.wait(options.length > 0 ? 1 : 0.5);
      }
      line.synAck([]);
      line.up([], 10);
    };
    expect(traced(play).findings).toEqual([finding]);
  });
});

describe('joins', () => {
  const second = (scene: Scene, to = SERVER): Line => new Line(scene, CLIENT2, to, [7000, 9000]);

  test('two live connections with one token: the HMAC tells whose the join is', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const twin = new Talk(scene, { keys: [key(3), talk.keys[1]] });
      const twinLine = twin.hello(new Line(scene, ['10.5.0.1', 1234], SERVER, [99_000, 88_000]));
      const joined = talk.join(second(scene));
      talk.goodbye(line, joined);
      twin.goodbye(twinLine);
    };
    const { connections, findings } = traced(play);
    expect(connections).toEqual([
      'closed; initial by client closed; join by client closed; 0+0 0+0; joinHmac 2/0/0; keyEcho 1/0/0',
      'closed; initial by client closed; 0+0 0+0; keyEcho 1/0/0',
    ]);
    expect(findings).toEqual(['warning token-collision 1,6']);
  });

  test('one of two with that token, refused: the younger connection has it', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.hello();
      new Talk(scene, { keys: [key(3), talk.keys[1]] }).hello(
        new Line(scene, ['10.5.0.1', 1234], SERVER, [99_000, 88_000]),
      );
      const line = second(scene, SERVER2);
      line.syn([talk.joining().syn]);
      line.reset(1, [mpTcprst({ reason: 1 })]);
    };
    expect(traced(play)).toEqual({
      connections: [
        'established; initial by client established; 0+0 0+0; keyEcho 1/0/0',
        'established; initial by client established; join by client refused; 0+0 0+0; keyEcho 1/0/0',
      ],
      findings: ['error join-refused 9,10', 'warning token-collision 1,6'],
    });
  });

  test('the opener resets behind a good SYN/ACK', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      join.syn([talk.joining().syn]);
      join.synAck([talk.joining().synAck]);
      join.reset(0, [mpTcprst({ reason: 1 })]);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['error join-refused 5,6,7']);
  });

  test('the opener resets a join that comes too late: no finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      join.syn([talk.joining().syn]);
      talk.data(line, 0, 0, true);
      join.synAck([talk.joining().synAck]);
      join.reset(0);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual([]);
  });

  /** The sentence and the advice of the one finding of a join refused at its end. */
  function refusal(play: (line: Line, talk: Talk) => void): string {
    const scene = new Scene();
    const talk = new Talk(scene);
    talk.hello();
    play(second(scene, SERVER2), talk);
    const [found, ...others] = scene.report().connections[0]?.findings ?? [];
    expect(others).toEqual([]);
    return `${found?.code}: ${found?.message} ${found?.advice}`;
  }

  test('refused for want of the third packet', () => {
    const text = refusal((line, talk) => {
      line.syn([talk.joining().syn]);
      line.synAck([talk.joining().synAck]);
      line.up();
      line.reset(1, [mpTcprst({ reason: 1 })]);
    });
    expect(text).toMatch(/^join-refused: .* after a third packet that had no MP_JOIN\. The host knew the token/);
  });

  test('a third packet with a wrong HMAC, captured behind the RST for it: the HMAC is the finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      const { syn, synAck } = talk.joining();
      join.syn([syn]);
      join.synAck([synAck]);
      join.reset(1, [mpTcprst({ reason: 1 })]);
      join.up([{ type: 'MP_JOIN', form: 'ack', hmac: new Uint8Array(20) }]);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['error join-hmac-bad 8']);
  });

  test('refused, and the capture misses the third packet: nothing is said of it', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    talk.hello();
    const join = second(scene);
    const { syn, synAck } = talk.joining();
    join.syn([syn]);
    join.synAck([synAck]);
    join.reset(1, [mpTcprst({ reason: 1 })]);
    const { message, advice } = scene.report().connections[0]?.findings[0] ?? {};
    expect(message).toBe('10.1.0.2:443 refused the join with reason 1 (MPTCP-specific error).');
    expect(advice).toMatch(/is not in this capture/);
  });

  test('refused though both HMACs are right', () => {
    const text = refusal((line, talk) => {
      line.syn([talk.joining().syn]);
      line.synAck([talk.joining().synAck]);
      line.up([talk.joining().ack]);
      line.reset(1, [mpTcprst({ reason: 1 })]);
    });
    expect(text).toMatch(/^join-refused: .*The host knew the token, as its HMAC proves/);
  });

  test.each([
    [1, 'does not know the token'],
    [2, 'lacks memory or slots'],
    [3, 'accepts no more subflows'],
    [5, 'not worth using'],
  ])('refused at once with reason %i', (reason, advice) => {
    const text = refusal((line, talk) => {
      line.syn([talk.joining().syn]);
      line.reset(1, [mpTcprst({ reason })]);
    });
    expect(text).toContain(advice);
  });

  test('to an address and port that are denied: with its frame, and no wrong host when refused', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = new Line(scene, CLIENT, SERVER);
      line.syn([talk.offer]);
      line.synAck([mpCapableSynAck({ senderKey: talk.keys[1], denyJoin: true })]);
      line.up([talk.third]);
      line.down([talk.acks(1)]);
      const join = second(scene);
      join.syn([talk.joining().syn]);
      join.reset(1, [mpTcprst({ reason: 1 })]);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['warning join-to-denied-address 5,6']);
  });

  test('never answered: all else has closed, and so has the connection', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      join.syn([talk.joining().syn]);
      scene.wait(1);
      join.syn([talk.joining().syn]);
      talk.goodbye(line);
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; join by client failed; 0+0 0+0; keyEcho 1/0/0'],
      findings: ['warning join-no-answer 5,6'],
    });
  });

  test('on the ports of something older, reset, whose SYN was not seen', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      join.up([talk.acks(0)]);
      join.send(1, RST, [], 0, 0);
      talk.join(join);
      talk.goodbye(line, join);
    };
    expect(traced(play)).toEqual({
      connections: [
        'closed; initial by client closed; join by client closed; 0+0 0+0; joinHmac 2/0/0; keyEcho 1/0/0',
        'reset; initial by client reset; 0+0 0+0',
      ],
      findings: ['note mid-stream 5'],
    });
  });

  test.each([
    [
      'the client, to the first address: a firewall as well as a balancer',
      0,
      CLIENT2,
      SERVER,
      [],
      /nothing listens .* a firewall .* or a load balancer/,
    ],
    ['the server, to the port that the client connected from', 1, SERVER2, CLIENT, [], /flag signal instead/],
    [
      'the client, reset by itself: no socket there',
      0,
      CLIENT2,
      SERVER,
      ['synAck'],
      /no socket waited .* another device/,
    ],
  ] as const)('a plain RST for a join by %s', (_, by, from, to, steps, words) => {
    const scene = new Scene();
    const talk = new Talk(scene);
    talk.hello();
    const join = new Line(scene, from, to, [7000, 9000]);
    join.syn([talk.joining(by).syn]);
    for (const step of steps) join.synAck([talk.joining(by)[step]]);
    join.reset(steps.length === 0 ? 1 : 0);
    const [finding] = scene.report().connections[0]?.findings ?? [];
    expect(`${finding?.message} ${finding?.advice}`).toMatch(words);
  });

  test('an advertised address of IPv6, on a connection of IPv4: a socket of IPv4 cannot join there', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    const [receiverKey, senderKey] = talk.keys;
    const advertised = addAddr({ senderKey, receiverKey, addressId: 3, address: new Uint8Array(16).fill(0xfd) });
    line.down([advertised]);
    line.up([addAddrEcho(advertised)]);
    const [finding] = scene.report().connections[0]?.findings ?? [];
    expect(finding?.advice).toContain('IPv4 alone');
  });

  test('by the token of a key that was changed: the key is the finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const other = new Talk(scene, { keys: [talk.keys[0], key(9)] });
      const line = new Line(scene, CLIENT, SERVER);
      line.syn([talk.offer]);
      line.synAck([other.answer]);
      line.up([other.third]);
      const join = second(scene);
      join.syn([other.joining().syn]);
      join.reset(1, [mpTcprst({ reason: 1 })]);
      talk.data(line, 1, 10);
    };
    expect(traced(play).findings).toEqual(['error key-mismatch 2,6']);
  });

  test.each([
    ['the SYN/ACK', 'synAck', 3, 'warning join-no-answer 5,6'],
    ['the third packet', 'ack', 3, 'warning join-no-answer 5,7'],
    ['the third packet, for less than a second', 'ack', 2, undefined],
  ] as const)('that hangs behind %s', (_, step, times, finding) => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      const { syn, synAck, ack } = talk.joining();
      join.syn([syn]);
      join.synAck([synAck]);
      for (let i = 0; i < times; i++) {
        if (step === 'ack') join.up([ack]);
        else join.synAck([synAck]);
        scene.wait(0.6);
      }
      talk.data(line, 0, 10);
    };
    expect(traced(play).findings).toEqual(finding === undefined ? [] : [finding]);
  });

  test('whose SYN is repeated behind its SYN/ACK: frames in ascending order', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.hello();
      const join = second(scene);
      for (let i = 0; i < 3; i++) {
        join.syn([talk.joining().syn]);
        join.synAck([talk.joining().synAck]);
        scene.wait(0.6);
      }
    };
    expect(traced(play).findings).toEqual(['warning join-no-answer 5,6,7,9']);
  });

  test('whose handshake was missed behind the SYN/ACK, reset when it had carried data: not refused', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.hello();
      const join = second(scene);
      join.syn([talk.joining().syn]);
      join.synAck([talk.joining().synAck]);
      talk.data(join, 0, 100);
      join.reset(1, [mpTcprst({ reason: 6 })]);
    };
    expect(traced(play).findings).toEqual(['warning subflow-reset 8']);
  });

  test.each([
    ['behind its third packet', true, 0, []],
    ['long behind the SYN/ACK', false, 2, []],
    ['at once, with its address removed', false, 0, ['note join-refused 5,6,7']],
  ])('that the opener resets %s: no objection to the SYN/ACK', (_, third, seconds, said) => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      const { syn, synAck, ack } = talk.joining();
      join.syn([syn]);
      join.synAck([synAck]);
      if (third) join.up([ack]);
      scene.wait(seconds);
      join.reset(0, [mpTcprst({ reason: 0 })]);
      line.up([removeAddr([2])]);
      talk.data(line, 0, 10);
    };
    expect(traced(play).findings).toEqual(said);
  });

  test('whose SYN is captured twice, by clocks that disagree: one SYN that nobody answered yet', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.hello();
      const join = second(scene);
      const syn = [talk.joining().syn, Uint8Array.from([8, 10, 1, 2, 3, 4, 0, 0, 0, 0])];
      join.syn(syn);
      scene.wait(0.2);
      join.syn(syn);
    };
    expect(traced(play).findings).toEqual([]);
  });

  test('to an address that its owner removes meanwhile: no refusal', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const address = { addressId: 7, address: Uint8Array.of(10, 2, 0, 2) };
      const advertised = addAddr({ ...address, senderKey: talk.keys[1], receiverKey: talk.keys[0] });
      line.down([advertised]);
      line.up([addAddrEcho(advertised)]);
      const join = second(scene, SERVER2);
      join.syn([talk.joining().syn]);
      line.down([removeAddr([7])]);
      join.reset(1);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['note subflow-reset 7,9']);
  });

  test('to the first address, when its connection has fallen back: no wrong host', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      line.up([mapping(talk.dsn[0], 1, 0)], 100);
      const join = second(scene);
      join.syn([talk.joining().syn]);
      join.reset(1);
    };
    expect(traced(play).findings).toEqual(['warning infinite-mapping 5', 'note join-refused 6,7']);
  });

  test('reset when its connection had begun to close, at both ends: no wrong host', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = second(scene);
      join.syn([talk.joining().syn]);
      for (const side of [0, 1] as const) talk.data(line, side, 0, true);
      join.reset(1);
    };
    expect(traced(play).findings).toEqual(['note join-refused 5,8']);
  });

  test('without MPTCP in the SYN, reset before its SYN/ACK by a capture out of order: nobody offered anything', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.goodbye(talk.hello());
      const join = second(scene);
      join.reset(0, [mpTcprst({ reason: 1 })]);
      join.synAck([]);
    };
    expect(traced(play).findings).toEqual(['note mid-stream 11']);
  });

  test('several to the wrong host: one finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      for (const port of [50_001, 50_002, 50_003]) {
        const join = new Line(scene, ['10.2.0.1', port], SERVER, [port, 9000]);
        join.syn([talk.joining(0, 2, [port, 1]).syn]);
        join.reset(1, [mpTcprst({ reason: 1 })]);
      }
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['error join-wrong-host 5,6,7,8,9,10']);
  });

  test('by the server, to the port that the client connected from: no load balancer has a part in it', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const join = talk.opensAtServer(new Line(scene, SERVER2, CLIENT, [7000, 9000]));
      join.syn([talk.joining(1).syn]);
      join.reset(1);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['error join-refused 5,6']);
  });

  test('never answered, after its connection had closed', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.goodbye(talk.hello());
      const join = second(scene);
      for (let i = 0; i < 2; i++) {
        scene.wait(1);
        join.syn([talk.joining().syn]);
      }
    };
    expect(traced(play).findings).toEqual(['note join-no-answer 11,12']);
  });

  test('to a closed port, with a token that nobody here owns: it may be that nothing listens', () => {
    const scene = new Scene();
    const line = second(scene);
    line.syn([new Talk(scene).joining().syn]);
    line.reset(1);
    expect(scene.report().findings.map(({ message }) => message)).toEqual([
      'A join names token 08bccd20, which belongs to no connection whose keys this capture shows, and it was reset: 10.1.0.2:443 does not know it either, or nothing listens there.',
    ]);
  });
});

describe('what the capture shows late, or of another subflow', () => {
  test('what the server sends, alone: it has had the third packet', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    talk.data(line, 1, 100);
    const tracer = new Tracer();
    const half = scene.packets.filter((_, i) => scene.sent[i]?.parts.source === SERVER[0]);
    for (const packet of half) tracer.push(packet);
    expect(short(tracer.report())).toEqual({
      connections: ['established; initial by client established; 0+0 100+0'],
      findings: [],
    });
  });

  test.each([[[]], [[mpTcprst({ reason: 0, transient: false })]]])(
    'a join whose third packet was missed, reset after it had worked: not refused',
    (options: OptionItem[]) => {
      const play = (scene: Scene, talk: Talk): void => {
        const line = talk.hello();
        const joined = new Line(scene, CLIENT2, SERVER);
        const { syn, synAck } = talk.joining();
        joined.syn([syn]);
        joined.synAck([synAck]);
        joined.down([talk.acks(1)]);
        joined.reset(1, options);
        talk.data(line, 0, 10);
      };
      expect(traced(play).findings).toEqual(['warning subflow-reset 8']);
    },
  );

  test.each([1, 2])('without the first %i packets: flag A of the third packet tells of checksums', (missing) => {
    const scene = new Scene();
    const talk = new Talk(scene, { checksum: true });
    const line = talk.hello();
    talk.data(line, 0, 100);
    talk.goodbye(line);
    scene.packets.splice(0, missing);
    const report = scene.report();
    expect(report.connections[0]?.checksum).toBe(true);
    expect(short(report).findings).toEqual([]);
  });

  test('a connection that began before, with mappings larger than a segment: the second tells where the subflow stands', () => {
    const scene = new Scene();
    const talk = new Talk(scene, { checksum: true });
    const line = talk.hello();
    for (let i = 0; i < 3; i++) {
      const payload = Uint8Array.from({ length: 300 }, (_, j) => j + i);
      const mapped = talk.mapping(line, 0, payload);
      for (let j = 0; j < 3; j++) line.up([mapped], payload.subarray(100 * j, 100 * j + 100));
      talk.dsn[0] += 300n;
    }
    scene.packets.splice(0, 5);
    expect(short(scene.report())).toEqual({
      connections: ['mid-stream; initial by client established; 900+0 0+0; dssChecksum 2/0/1'],
      findings: ['note mid-stream 6'],
    });
  });

  test.each([
    ['closed', (line: Line, talk: Talk) => talk.goodbye(line), 'closed'],
    ['reset', (line: Line) => line.reset(0), 'reset'],
  ] as const)('a connection that began before, %s later: both are said', (_, end, state) => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    talk.data(line, 0, 100);
    talk.data(line, 1, 100);
    end(line, talk);
    scene.packets.splice(0, 4);
    const { connections, findings } = short(scene.report());
    expect(connections[0]).toMatch(new RegExp(`^${state}; `));
    expect(findings.filter((one) => one.includes('mid-stream'))).toEqual(['note mid-stream 5']);
  });

  test('options cut off everywhere: nothing is claimed about MPTCP', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    talk.goodbye(talk.hello());
    const tracer = new Tracer();
    for (const packet of scene.packets) tracer.push({ ...packet, bytes: packet.bytes.subarray(0, 54) });
    const { connections, findings } = short(tracer.report());
    expect(connections).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^note payload-cut 1,2,3,4/)]);
  });

  test('MP_PRIO of version 0 that names an address', () => {
    const scene = new Scene();
    const talk = new Talk(scene, { version: 0 });
    const line = talk.hello();
    talk.join(new Line(scene, CLIENT2, SERVER, [7000, 9000]));
    line.up([mpPrio({ backup: true, addressId: 2, version: 0 })]);
    const backups = scene.report().connections[0]?.subflows.map(({ backup }) => backup.client);
    expect(backups).toEqual([false, true]);
  });
});

describe('checksums that the handshake agreed on, or did not', () => {
  const first = (talk: Talk, line: Line, more: object): void => {
    const [senderKey, receiverKey] = talk.keys;
    line.syn([talk.offer]);
    line.synAck([talk.answer]);
    line.up([{ ...mpCapableAck({ senderKey, receiverKey, ...more }), dataLevelLength: 10 }], 10);
    talk.dsn[0] += 10n;
    line.down([talk.acks(1)]);
  };

  test('missing beside the keys: one finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      first(talk, new Line(scene, CLIENT, SERVER), { checksumRequired: true });
    };
    expect(traced(play, { checksum: true }).findings).toEqual(['warning checksum-missing 3']);
  });

  test('flag A of the third packet says otherwise than SYN and SYN/ACK', () => {
    const play = (scene: Scene, talk: Talk): void => {
      first(talk, new Line(scene, CLIENT, SERVER), { checksumRequired: true });
    };
    expect(traced(play).findings).toEqual(['warning violation/capable-checksum-flag 3']);
  });
});

describe('a subflow that no longer carries data', () => {
  /** Data on a second subflow, sent again `times` times; the first carries it then. */
  function stall(talk: Talk, times: number, answer: (line: Line) => void = () => {}): void {
    const first = talk.hello();
    const second = talk.join(new Line(talk.scene, CLIENT2, SERVER));
    const mapped = mapping(talk.dsn[0], 1, 100);
    const at = second.next[0];
    for (let i = 0; i <= times; i++) {
      second.send(0, ACK, [mapped], 100, at);
      talk.scene.wait(0.2 * 2 ** i);
    }
    second.next[0] = at + 100;
    answer(second);
    talk.data(first, 0, 100);
    first.down([talk.acks(1)]);
  }

  const CONNECTION =
    'established; initial by client established; join by client established; 100+0 0+0; joinHmac 2/0/0; keyEcho 1/0/0';

  test('three repeats that nobody acknowledges', () => {
    expect(traced((_, talk) => stall(talk, 3))).toEqual({
      connections: [CONNECTION],
      findings: ['warning subflow-stalled 10,11,12'],
    });
  });

  test('two may be a copy and a loss', () => {
    expect(traced((_, talk) => stall(talk, 2))).toEqual({ connections: [CONNECTION], findings: [] });
  });

  test('acknowledged in the end', () => {
    const play = (_: Scene, talk: Talk): void => stall(talk, 3, (line) => line.down([talk.acks(1)]));
    expect(traced(play)).toEqual({ connections: [CONNECTION], findings: [] });
  });

  test('more data behind it: it was acknowledged, past this capture', () => {
    const play = (_: Scene, talk: Talk): void => stall(talk, 3, (line) => line.up([mapping(talk.dsn[0], 101, 50)], 50));
    expect(traced(play).findings).toEqual([]);
  });

  test('the capture has nothing that the peer sends: it may have acknowledged all', () => {
    const scene = new Scene();
    stall(new Talk(scene), 3);
    const tracer = new Tracer();
    const half = scene.packets.filter((_, i) => scene.sent[i]?.parts.destination === SERVER[0]);
    for (const packet of half) tracer.push(packet);
    expect(short(tracer.report()).findings).toEqual([]);
  });
});

describe('ends', () => {
  test('RSTs of a host that has closed, whose MP_FASTCLOSE was missed: it has not fallen back', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.data(line, 0, 10);
      for (let i = 0; i < 5; i++) line.reset(1);
    };
    expect(traced(play).findings).toEqual(['warning subflow-reset 6']);
  });

  test('a RST whose option was blanked: that is the finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      talk.join(new Line(scene, CLIENT2, SERVER)).reset(1, [new Uint8Array(4).fill(1)]);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['warning option-stripped 9']);
  });

  test('a plain RST that the capture has before the one with MP_FAIL: one finding', () => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.hello();
      const second = talk.join(new Line(scene, CLIENT2, SERVER));
      second.reset(1);
      second.reset(1, [{ type: 'MP_FAIL', dataSequenceNumber: talk.dsn[0] }]);
    };
    expect(traced(play, { checksum: true }).findings).toEqual(['warning mp-fail 10']);
  });

  test('MP_FAIL with a RST on the last subflow: nothing goes on', () => {
    const scene = new Scene();
    const talk = new Talk(scene, { checksum: true });
    const line = talk.hello();
    const second = talk.join(new Line(scene, CLIENT2, SERVER));
    for (const one of [line, second]) one.reset(1, [{ type: 'MP_FAIL', dataSequenceNumber: talk.dsn[0] }]);
    const { findings } = scene.report().connections[0] ?? { findings: [] };
    expect(findings.map(({ message }) => message.replace(/^.*changes the data\. /, ''))).toEqual([
      'It resets this subflow; others go on.',
      'It resets this subflow, and there is no other left.',
    ]);
  });

  test.each(['before', 'behind'])('a subflow reset %s the removal of its address', (order) => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const other = talk.join(new Line(scene, CLIENT2, SERVER, [7000, 9000]));
      if (order === 'before') other.reset(1, [mpTcprst({ reason: 0 })]);
      line.up([removeAddr([2])]);
      if (order === 'behind') other.reset(1, [mpTcprst({ reason: 0 })]);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual([`note subflow-reset ${order === 'before' ? 9 : 10}`]);
  });

  test('a subflow reset behind the removal of an address, the handshakes missed: it may be that of this one', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    const other = talk.join(new Line(scene, CLIENT2, SERVER, [7000, 9000]));
    const from = scene.packets.length;
    talk.data(line, 0, 10);
    talk.data(other, 0, 10);
    line.up([removeAddr([2])]);
    other.reset(1, [mpTcprst({ reason: 0 })]);
    scene.packets.splice(0, from);
    expect(short(scene.report()).findings).toEqual([
      'note mid-stream 9',
      'note mid-stream 10',
      'note subflow-reset 11,12',
    ]);
  });

  test('a subflow reset, though another address was removed', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const other = talk.join(new Line(scene, CLIENT2, SERVER, [7000, 9000]));
      line.up([removeAddr([3])]);
      line.down([removeAddr([2])]);
      other.reset(1, [mpTcprst({ reason: 0 })]);
      talk.goodbye(line);
    };
    expect(traced(play).findings).toEqual(['warning subflow-reset 11']);
  });

  test('MP_FASTCLOSE behind plain RSTs of the other subflows: they are part of it', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const other = talk.join(new Line(scene, CLIENT2, SERVER));
      talk.data(line, 0, 100);
      other.reset(1);
      line.down([mpFastclose(talk.keys[0])]);
      line.reset(0);
    };
    expect(traced(play, { version: 0 }).findings).toEqual(['note subflow-reset 10', 'note fastclose 11']);
  });

  test.each([
    ['nothing else', false, [mpTcprst({ reason: 1 })], []],
    ['the peer, plain', true, [], []],
    ['the peer, with a reason', true, [mpTcprst({ reason: 1 })], ['warning subflow-reset 2']],
  ])('a RST of a host that is not seen otherwise, and %s: whether the subflow worked', (_, peer, options, said) => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = new Line(scene, CLIENT, SERVER);
      if (peer) line.up([talk.acks(0)]);
      line.reset(1, options);
    };
    expect(traced(play).findings).toEqual([...said, 'note mid-stream 1']);
  });

  test('a plain RST long before', () => {
    const play = (scene: Scene, talk: Talk): void => {
      const line = talk.hello();
      const other = talk.join(new Line(scene, CLIENT2, SERVER));
      other.reset(1);
      scene.wait(5);
      line.down([mpFastclose(talk.keys[0])]);
    };
    expect(traced(play).findings).toEqual(['warning subflow-reset 9', 'note fastclose 10']);
  });
});

/** SACK permitted, timestamps, and window scale behind a No-Operation, as Linux writes them. */
const SYN_OPTIONS = [4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7];

describe('two vantage points', () => {
  /** The packets of a scene, and a tenth of a millisecond later as another place sees them. */
  function seenTwice(play: (scene: Scene, talk: Talk) => void, path: (parts: PacketParts) => PacketParts) {
    const scene = new Scene();
    play(scene, new Talk(scene));
    const both = scene.sent.flatMap(({ parts, time }) => [
      { parts, time },
      { parts: path(parts), time: time + 100_000n },
    ]);
    const tracer = new Tracer();
    both.forEach(({ parts, time }, i) => {
      tracer.push(captured(i + 1, parts, time));
    });
    return short(tracer.report()).findings;
  }

  const fallback = (answer: boolean) => (scene: Scene, talk: Talk) => {
    const line = new Line(scene, CLIENT, SERVER);
    line.syn([talk.offer]);
    line.synAck(answer ? [talk.answer] : []);
    line.up();
    line.up([], 100);
    line.close();
  };

  test('behind a box that blanks the option of the SYN: the capture has nothing else of it', () => {
    const play = (scene: Scene, talk: Talk): void => {
      for (const from of [CLIENT, CLIENT2]) {
        const line = new Line(scene, from, SERVER, [from[1], 9000]);
        line.syn([Uint8Array.from(SYN_OPTIONS), new Uint8Array(4).fill(1)]);
        line.synAck([]);
        line.up([], 100);
        line.close();
      }
      talk.goodbye(talk.hello(new Line(scene, CLIENT, SERVER2)));
    };
    expect(traced(play)).toEqual({
      connections: ['closed; initial by client closed; 0+0 0+0; keyEcho 1/0/0'],
      findings: ['note option-stripped 1,7'],
    });
  });

  test.each([
    ['SACK permitted', 0, 2],
    ['timestamps', 2, 12],
    ['window scale', 13, 16],
  ])('a SYN whose %s was blanked: nothing is said of MPTCP', (_, from, to) => {
    const options = Uint8Array.from(SYN_OPTIONS).fill(1, from, to);
    const scene = new Scene();
    new Line(scene, CLIENT, SERVER).syn([options, Uint8Array.of(1, 1)]);
    expect(scene.report().findings).toEqual([]);
  });

  test('the option of the SYN is gone at one of them: stripped, and nobody dropped a SYN', () => {
    const path = (parts: PacketParts): PacketParts => (parts.flags === SYN ? { ...parts, options: [] } : parts);
    expect(seenTwice(fallback(false), path)).toEqual([
      'warning no-mptcp-in-syn-ack 1,2,3',
      'warning option-stripped 2',
    ]);
  });

  test.each([[[]], [[new Uint8Array(12).fill(1)]]])('that of the SYN/ACK', (options: OptionItem[]) => {
    const path = (parts: PacketParts): PacketParts => (parts.flags === (SYN | ACK) ? { ...parts, options } : parts);
    expect(seenTwice(fallback(true), path)).toEqual([
      'warning no-mptcp-in-third-ack 3,5,6',
      'warning option-stripped 4',
    ]);
  });

  test.each([
    ['SYN', SYN],
    ['SYN/ACK', SYN | ACK],
  ])('that of the %s of a join', (_, flags) => {
    const play = (scene: Scene, talk: Talk): void => {
      talk.hello();
      const join = new Line(scene, CLIENT2, SERVER2, [7000, 9000]);
      join.syn([talk.joining().syn]);
      join.synAck(flags === SYN ? [] : [talk.joining().synAck]);
      join.reset(0, [mpTcprst({ reason: 1 })]);
    };
    const path = (parts: PacketParts): PacketParts =>
      parts.flags === flags && [parts.source, parts.destination].includes('10.2.0.1')
        ? { ...parts, options: [] }
        : parts;
    const frame = flags === SYN ? 10 : 12;
    expect(seenTwice(play, path)).toEqual([
      expect.stringMatching(/^error join-no-option-in-syn-ack /),
      `warning option-stripped ${frame}`,
    ]);
  });

  test.each([
    ['SYN', SYN],
    ['SYN/ACK', SYN | ACK],
  ])('a NAT between them, and the %s missed behind it', (_, flags) => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    talk.data(line, 0, 100);
    talk.goodbye(line);
    const nat = (address: string | undefined): string | undefined => (address === CLIENT[0] ? '192.0.2.1' : address);
    const both = scene.sent.flatMap(({ parts, time }) => {
      const behind = { ...parts, source: nat(parts.source), destination: nat(parts.destination) };
      return [{ parts, time }, ...(parts.flags === flags ? [] : [{ parts: behind, time: time + 100_000n }])];
    });
    const tracer = new Tracer();
    both.forEach(({ parts, time }, i) => {
      tracer.push(captured(i + 1, parts, time));
    });
    const { connections, findings } = short(tracer.report());
    expect(connections).toEqual(['closed; initial by client closed; 100+0 0+0; keyEcho 1/0/0']);
    expect(findings).toEqual([expect.stringMatching(/^note nat-on-path/)]);
  });

  test('an advertised address changed between them: no word about an echo', () => {
    const play = (_: Scene, talk: Talk): void => {
      const line = talk.hello();
      const [receiverKey, senderKey] = talk.keys;
      line.down([addAddr({ addressId: 7, address: Uint8Array.of(10, 2, 0, 2), senderKey, receiverKey })]);
      talk.goodbye(line);
    };
    const path = (parts: PacketParts): PacketParts => {
      const [option] = parts.options ?? [];
      if (option === undefined || !('type' in option) || option.type !== 'ADD_ADDR') return parts;
      return { ...parts, options: [{ ...option, address: Uint8Array.of(10, 7, 7, 7) }] };
    };
    expect(seenTwice(play, path)).toEqual(['error add-addr-hmac-bad 10']);
  });
});
