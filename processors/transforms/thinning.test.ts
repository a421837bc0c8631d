import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../events/reading.ts';
import { logStartUs, stored, testConfig } from '../test-log.ts';
import { sampleSlotsKept } from './sample.ts';
import { TransformSet } from './transform-set.ts';
import type { Draft } from './transform.ts';

const s = 1e6;
const draft = (fields: Record<string, FieldValue>, over: Partial<Draft> = {}): Draft => ({
  key: 'plant1/press-7',
  device: 'press-7',
  timeUs: logStartUs,
  ownTime: true,
  fields: { ...fields },
  tags: { site: 'plant1' },
  receivedAtUs: logStartUs,
  origin: { partition: 0, sequence: 1, index: 0 },
  ...over,
});
const setOf = (transform: object) => new TransformSet(testConfig({ transforms: [{ name: 't0', ...transform }] }));

describe('deadband', () => {
  /** Of [seconds, value] those kept. */
  const kept = (options: { deadband: number; every?: string }, points: readonly [number, FieldValue][]) => {
    const set = setOf({ field: 't', ...options });
    return points.filter(([at, t]) => set.apply(draft({ t }, { timeUs: logStartUs + at * s })) === null);
  };
  it.each<[string, { deadband: number; every?: string }, [number, FieldValue][], [number, FieldValue][]]>([
    [
      'exactly on the band',
      { deadband: 0.5 },
      [
        [0, 1],
        [1, 1.5],
        [2, 1.51],
        [3, 1.125],
        [4, 1],
      ],
      [
        [0, 1],
        [2, 1.51],
        [4, 1],
      ],
    ],
    [
      'a slow drift goes by the last one kept',
      { deadband: 1 },
      [
        [0, 0],
        [1, 0.6],
        [2, 1.2],
        [3, 1.8],
        [4, 2.4],
      ],
      [
        [0, 0],
        [2, 1.2],
        [4, 2.4],
      ],
    ],
    [
      'band 0: changes only',
      { deadband: 0 },
      [
        [0, 1],
        [1, 1],
        [2, 2],
        [3, 1],
      ],
      [
        [0, 1],
        [2, 2],
        [3, 1],
      ],
    ],
    [
      'every: exactly then, and just before',
      { deadband: 1, every: '10s' },
      [
        [0, 1],
        [9.999999, 1],
        [10, 1],
        [19, 1],
        [20, 1],
      ],
      [
        [0, 1],
        [10, 1],
        [20, 1],
      ],
    ],
    [
      'texts and booleans: changes only',
      { deadband: 5 },
      [
        [0, 'on'],
        [1, 'on'],
        [2, 'off'],
        [3, true],
        [4, true],
        [5, 1],
      ],
      [
        [0, 'on'],
        [2, 'off'],
        [3, true],
        [5, 1],
      ],
    ],
    [
      'older than the last kept: kept, and changes nothing',
      { deadband: 1 },
      [
        [10, 1],
        [5, 1],
        [6, 9],
        [11, 1],
        [10, 1],
      ],
      [
        [10, 1],
        [5, 1],
        [6, 9],
      ],
    ],
  ])('%s', (_what, options, points, expected) => expect(kept(options, points)).toEqual(expected));

  it('each device has its own, until it is forgotten', () => {
    const set = setOf({ field: 't', deadband: 1 });
    const apply = (key: string) => set.apply(draft({ t: 1 }, { key }));
    expect([apply('a'), apply('b'), apply('a')]).toEqual([null, null, 't0']);
    set.forget('a');
    expect([apply('a'), apply('b')]).toEqual([null, 't0']);
    expect(stored(set.snapshot())).toEqual([
      [
        expect.stringContaining('deadband'),
        expect.objectContaining({ names: expect.objectContaining({ texts: ['b', 'a'] }) }),
      ],
    ]);
  });
});

describe('sample', () => {
  const kept = (...seconds: number[]) => {
    const set = setOf({ sample: '10s' });
    return seconds.filter((at) => set.apply(draft({ t: 1 }, { timeUs: logStartUs + at * s })) === null);
  };
  it('keeps the first to come of each 10 s, on their edges', () => {
    expect(kept(0, 1, 9.999999, 10, 10.000001, 25, 29)).toEqual([0, 10, 25]);
  });
  it('late readings too, and the past beside the present', () => {
    expect(kept(100, -5, -4, 101, 5, 3, 110, 15, 17)).toEqual([100, -5, 5, 110, 15]);
  });
  it('forgets the slot before the last 16', () => {
    const slots = Array.from({ length: sampleSlotsKept }, (_, i) => 10 + i * 10);
    expect(kept(0, ...slots.slice(1), 1)).not.toContain(1);
    expect(kept(0, ...slots, 1)).toContain(1);
  });
});
