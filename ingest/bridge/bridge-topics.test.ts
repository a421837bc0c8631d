import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { BridgeTopics } from './bridge-topics.ts';

const topics = new BridgeTopics([
  { filter: 'factory/special/#', qos: 1, strip: 'factory/' },
  { filter: 'factory/+/temp', qos: 1, strip: 'factory/', prefix: 'sensors/plant1/' },
  { filter: 'raw/#', qos: 0, prefix: 'x/' },
  { filter: 'gone', qos: 0, strip: 'gone' },
  { filter: 'system', qos: 0, prefix: '$SYS/' },
]);

it.each([
  ['factory/a/temp', { topic: 'sensors/plant1/a/temp' }],
  ['factory/special/temp', { topic: 'special/temp' }],
  ['raw/a/b', { topic: 'x/raw/a/b' }],
  ['raw', { topic: 'x/raw' }],
  ['factory/a/humidity', { refusal: 'not-bridged' }],
  ['gone', { refusal: 'bad-topic' }],
  ['system', { refusal: 'reserved-topic' }],
])('%s -> %j', (topic, expected) => expect(topics.of(topic)).toEqual(expected));

const sparkplug = new BridgeTopics([
  { filter: 'plant/spBv1.0/+/NDATA/#', qos: 0, strip: 'plant/' },
  { filter: 'spBv1.0/#', qos: 0 },
  { filter: 'a/#', qos: 0, strip: 'a/', prefix: 'b/' },
  { filter: 'c/#', qos: 0, prefix: 'b/' },
]);

it.each([
  ['spBv1.0/g/NDATA/n', 'spBv1.0/g/NCMD/n', 'plant/spBv1.0/g/NCMD/n'],
  ['spBv1.0/g/NBIRTH/n', 'spBv1.0/g/NCMD/n', 'spBv1.0/g/NCMD/n'],
  ['b/x', 'b/y', 'a/y'],
  ['b/c/x', 'b/c/y', 'a/c/y'],
  ['b/x', 'other', null],
  ['other', 'b/y', null],
])('a message came here as %s: what is %s here is %s there', (from, topic, there) =>
  expect(sparkplug.back(from, topic)).toBe(there),
);

it('tries to connect ever more rarely, up to twice a minute', () => {
  expect([1, 2, 3, 6, 7, 8, 1_000].map((attempt) => backoffMs(attempt, 1))).toEqual([
    500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000,
  ]);
  expect(backoffMs(3, 0)).toBe(1_000);
});
