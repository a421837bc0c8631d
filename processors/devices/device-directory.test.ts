import { describe, expect, it } from 'vitest';
import { deviceIntervalUs } from '../../events/device.ts';
import type { Reading } from '../../events/reading.ts';
import { DeviceDirectory } from './device-directory.ts';

const s = 1e6;
const reading = (timeUs: number, over: Partial<Reading> = {}): Reading => ({
  key: 'plant1/press',
  device: 'press',
  timeUs,
  ownTime: true,
  fields: { t: timeUs / s },
  tags: { site: 'plant1' },
  receivedAtUs: timeUs,
  origin: { partition: 0, sequence: 1, index: 0 },
  ...over,
});

/** Takes readings at these seconds; tells at which of them more than values changed. */
function take(directory: DeviceDirectory, seconds: readonly number[]): number[] {
  return seconds.filter((at) => directory.take({ memory: null }, reading(at * s), 'topic', at * s));
}

it('holds the latest values by event time', () => {
  const directory = new DeviceDirectory();
  take(directory, [10, 12, 11]);
  directory.take({ memory: null }, reading(5 * s, { fields: { h: true } }), 'topic', 13 * s);
  expect(directory.get('plant1/press')).toEqual({
    key: 'plant1/press',
    device: 'press',
    tags: { site: 'plant1' },
    topic: 'topic',
    fields: {
      t: { value: 12, timeUs: 12 * s, intervalUs: null },
      h: { value: true, timeUs: 5 * s, intervalUs: null },
    },
    lastTimeUs: 12 * s,
    lastSeenUs: 13 * s,
    clockOffsetUs: 0,
    readings: 4,
  });
});

describe('the learned interval', () => {
  const intervalOf = (seconds: readonly number[]) => {
    const directory = new DeviceDirectory();
    take(directory, seconds);
    return deviceIntervalUs(directory.get('plant1/press')!);
  };
  it.each([
    ['is unknown with two gaps', [0, 1, 2], null],
    ['is known with three', [0, 1, 2, 3], 1 * s],
    ['is the median', [0, 1, 2, 60, 61, 62], 1 * s],
    ['of an even number the lower', [0, 1, 2, 5, 8], 1 * s],
    [
      'goes by the last 16 gaps',
      [...Array.from({ length: 30 }, (_, i) => i), ...Array.from({ length: 16 }, (_, i) => 39 + i * 10)],
      10 * s,
    ],
    ['learns nothing from what is older or again', [0, 1, 2, 1, 0.5, 2, 2], null],
  ])('%s', (_what, seconds, expected) => expect(intervalOf(seconds)).toBe(expected));
});

describe('news', () => {
  it('is a first reading, an interval learned, and one that moved', () => {
    const steady = Array.from({ length: 33 }, (_, i) => i);
    const slower = Array.from({ length: 32 }, (_, i) => 40 + i * 5);
    expect(take(new DeviceDirectory(), [...steady, ...slower])).toEqual([0, 3, 40 + 15 * 5]);
  });

  it.each<[string, Partial<Reading>, string, boolean]>([
    ['nothing new', {}, 'topic', false],
    ['another topic', {}, 'other', true],
    ['other tags', { tags: { site: 'plant2' } }, 'topic', true],
    ['equal tags, another object', { tags: { site: 'plant1' } }, 'topic', false],
    ['another field', { fields: { h: 1 } }, 'topic', true],
  ])('%s', (_what, over, topic, expected) => {
    const directory = new DeviceDirectory();
    take(directory, [0]);
    expect(directory.take({ memory: null }, reading(s, over), topic, s)).toBe(expected);
  });
});

it.each<[string, Partial<Reading>, number, number | null]>([
  ['ahead', {}, 7 * s, 3 * s],
  ['behind', {}, 12 * s, -2 * s],
  ['no clock of its own', { ownTime: false }, 7 * s, null],
])('clock offset: %s', (_what, over, nowUs, expected) => {
  const directory = new DeviceDirectory();
  directory.take({ memory: null }, reading(10 * s, over), 'topic', nowUs);
  expect(directory.get('plant1/press')?.clockOffsetUs).toBe(expected);
});

it('pages in key order', () => {
  const directory = new DeviceDirectory();
  for (const key of ['c', 'a', 'd', 'b']) directory.take({ memory: null }, reading(s, { key }), 'topic', s);
  const keys = (after: string | undefined, limit: number) => directory.page(after, limit).map(({ key }) => key);
  expect(keys(undefined, 3)).toEqual(['a', 'b', 'c']);
  expect(keys('c', 3)).toEqual(['d']);
  expect(keys('bb', 1)).toEqual(['c']);
  expect(keys('d', 3)).toEqual([]);
  directory.take({ memory: null }, reading(s, { key: 'aa' }), 'topic', s);
  expect(keys('a', 1)).toEqual(['aa']);
});

it('counts the ledger of devices it knows', () => {
  const directory = new DeviceDirectory();
  take(directory, [0]);
  directory.count('plant1/press', 'late');
  directory.count('unheard-of', 'received');
  directory.count(null, 'received');
  expect(directory.ledger('plant1/press')).toMatchObject({ received: 0, late: 1, stored: 0 });
  expect(directory.ledger('unheard-of')).toBeNull();
});

it('a snapshot restores all of it', () => {
  const directory = new DeviceDirectory();
  take(directory, [0, 1, 2, 3, 4]);
  directory.count('plant1/press', 'received');
  const restored = new DeviceDirectory(structuredClone(directory.snapshot()));
  const rest = Array.from({ length: 40 }, (_, i) => 5 + i * 2);
  expect(take(restored, rest)).toEqual(take(directory, rest));
  expect(restored.snapshot()).toEqual(directory.snapshot());
});
