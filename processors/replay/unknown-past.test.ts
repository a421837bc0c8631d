import { describe, expect, it } from 'vitest';
import type { DerivedReading } from '../../events/reading.ts';
import type { WindowResult } from '../../events/window.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { UnknownPast } from './unknown-past.ts';

const second = 1_000_000;
const config = processingConfig(
  configSchema.parse({
    clock: { maxAhead: '10s' },
    transforms: [{ name: 'one', sample: '5s' }],
    windows: [
      { name: 'tumbling', size: '1m' },
      { name: 'session', kind: 'session', gap: '20s' },
      { name: 'count', kind: 'count', count: 3 },
    ],
    joins: [{ name: 'join', left: { field: 'a' }, right: { field: 'b' }, tolerance: '2s', expression: 'left' }],
  }),
);
const origin = { partition: 0, sequence: 1, index: 0 };
const result = (window: string, startUs: number, incomplete = false): WindowResult => ({
  window,
  key: 'd',
  device: 'd',
  field: 'f',
  tags: {},
  startUs,
  endUs: startUs + second,
  revision: 0,
  origin,
  count: 1,
  min: 1,
  max: 1,
  mean: 1,
  sum: 1,
  first: 1,
  last: 1,
  stddev: 0,
  ...(incomplete && { incomplete }),
});
const joined = (processor: string, timeUs: number): DerivedReading => ({
  processor,
  key: 'd',
  device: 'd',
  timeUs,
  fields: { f: 1 },
  tags: {},
  origin,
});

describe('messages are missing before one of 100 s', () => {
  const past = new UnknownPast();
  past.missing(100 * second, config);

  // 10 s that a device may be ahead, and 5 s in which one reading is kept.
  it.each([
    ['tumbling', 100, false],
    ['tumbling', 115, false],
    ['tumbling', 116, true],
    ['session', 116, false],
    ['session', 135, false],
    ['session', 136, true],
    ['count', 10_000, false],
    ['of an earlier version', 116, true],
  ])('%s from %d s: known %s', (window, startS, known) => {
    expect(past.windows([result(window, startS * second)], config)).toHaveLength(known ? 1 : 0);
  });

  it.each([
    ['join', 117, false],
    ['join', 118, true],
    ['custom', 0, true],
  ])('derived by %s at %d s: known %s', (processor, atS, known) => {
    expect(past.derived([joined(processor, atS * second)], config)).toHaveLength(known ? 1 : 0);
  });

  it('counts what it withholds', () => {
    const before = past.withheld;
    past.windows([result('tumbling', 0), result('tumbling', 200 * second)], config);
    past.derived([joined('join', 0)], config);
    expect(past.withheld - before).toBe(2);
  });
});

it('knows all when nothing is missing', () => {
  const past = new UnknownPast();
  expect(past.windows([result('count', 0), result('tumbling', 0, true)], config)).toHaveLength(2);
  expect(past.untilUs).toBe(null);
});

it('after a rebuild from a part of its stretch what is incomplete is not known', () => {
  const past = new UnknownPast();
  past.rebuiltInPart();
  expect(past.windows([result('tumbling', 0), result('tumbling', 0, true), result('count', 0)], config)).toHaveLength(
    2,
  );
});
