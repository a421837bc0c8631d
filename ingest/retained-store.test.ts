import { expect, it } from 'vitest';
import { RetainedStore } from './retained-store.ts';
import type { StoredPacket } from './stored-packet.ts';

const limits = { retainedTopicsMax: 2, retainedBytesMax: 20 };
const packet = (topic: string, bytes: number): StoredPacket => ({
  cmd: 'publish',
  topic,
  payload: Buffer.alloc(bytes),
  qos: 1,
  retain: true,
  dup: false,
});

it.each<[string, [string, number][], boolean[], string[]]>([
  [
    'as many topics as allowed',
    [
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ],
    [true, true, false],
    ['a', 'b'],
  ],
  [
    'exactly as many bytes as allowed',
    [
      ['a', 9],
      ['b', 9],
    ],
    [true, true],
    ['a', 'b'],
  ],
  [
    'one byte more',
    [
      ['a', 9],
      ['b', 10],
    ],
    [true, false],
    ['a'],
  ],
  [
    'the last of a topic',
    [
      ['a', 19],
      ['a', 5],
      ['b', 12],
    ],
    [true, true, true],
    ['a', 'b'],
  ],
  [
    'an empty payload removes',
    [
      ['a', 19],
      ['a', 0],
      ['b', 19],
    ],
    [true, true, true],
    ['b'],
  ],
  [
    'too large for the topic it replaces: none is kept',
    [
      ['a', 1],
      ['a', 20],
    ],
    [true, false],
    [],
  ],
])('%s', (_, packets, kept, topics) => {
  const store = new RetainedStore(limits);
  expect(packets.map(([topic, bytes]) => store.store(packet(topic, bytes)))).toEqual(kept);
  expect([...store.values()].map(({ topic }) => topic)).toEqual(topics);
});
