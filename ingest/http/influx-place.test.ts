import { describe, expect, it } from 'vitest';
import { influxTopic, precisionOf } from './influx-place.ts';

describe('the topic of a body of line protocol', () => {
  it.each([
    ['telegraf', 'ns', 'influx/telegraf'],
    ['telegraf', 'ms', 'influx/telegraf/ms'],
    ['telegraf/autogen', 'ns', 'influx/telegraf%2Fautogen'],
    ['a+b#c%d', 's', 'influx/a%2Bb%23c%25d/s'],
    ['Werk Süd', 'ns', 'influx/Werk Süd'],
    ['a\0b\nc', 'ns', 'influx/a%00b%0Ac'],
    ['\ud800', 'ns', 'influx/%EF%BF%BD'],
    ['x'.repeat(57), 'ns', `influx/${'x'.repeat(57)}`],
  ] as const)('%j in %s -> %s', (bucket, precision, topic) => expect(influxTopic(bucket, precision, 64)).toBe(topic));

  it.each(['', 'x'.repeat(58)])('not of %j', (bucket) =>
    expect(() => influxTopic(bucket, 'ns', 64)).toThrow(expect.objectContaining({ status: 400 })),
  );
});

it.each([
  [null, 'ns'],
  ['', 'ns'],
  ['n', 'ns'],
  ['ns', 'ns'],
  ['u', 'us'],
  ['us', 'us'],
  ['ms', 'ms'],
  ['s', 's'],
  ['m', 'm'],
  ['h', 'h'],
])('precision %j is %s', (text, precision) => expect(precisionOf(text)).toBe(precision));

it.each(['d', 'NS', 'toString'])('precision %j is none', (text) =>
  expect(() => precisionOf(text)).toThrow(expect.objectContaining({ status: 400 })),
);
