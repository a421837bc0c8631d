import { expect, it } from 'vitest';
import type { LiveBatch } from '../../events/live.ts';
import { batchCharsMax, liveBatches, type LiveContent } from './live-batches.ts';

const content = (count: number): LiveContent => ({
  partition: 2,
  nowUs: 5,
  sequence: 7,
  items: Array.from({ length: count }, (_, at) => ({ key: `k${at}`, time: at, fields: { text: 'x'.repeat(100) } })),
  forgotten: [],
  devices: [],
  transitions: [],
  readings: count,
  oldestReceivedAtUs: count === 0 ? null : 3,
  newestReceivedAtUs: count === 0 ? null : 4,
});

it('says nothing when nothing changed', () => {
  expect(liveBatches(content(0))).toEqual([]);
});

it('is one message when it fits', () => {
  const [json, ...more] = liveBatches(content(2));
  expect(more).toEqual([]);
  expect(JSON.parse(json!)).toEqual(content(2));
});

it('splits what does not fit, without loss', () => {
  const batches = liveBatches(content(10_000));
  expect(batches.length).toBeGreaterThan(3);
  expect(Math.max(...batches.map((json) => json.length))).toBeLessThan(batchCharsMax + 200);
  const items = batches.flatMap((json) => (JSON.parse(json) as LiveBatch).items);
  expect(items).toEqual(content(10_000).items);
  // Arrivals are told once, or they would count several times.
  const readings = batches.map((json) => (JSON.parse(json) as LiveBatch).readings);
  expect(readings).toEqual([10_000, ...readings.slice(1).map(() => 0)]);
});
