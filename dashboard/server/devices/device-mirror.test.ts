import { expect, it } from 'vitest';
import type { DeviceState } from '../../../events/device.ts';
import type { LiveBatch } from '../../../events/live.ts';
import { AlertBook } from '../alerts/alert-book.ts';
import { noLife, presenceOf } from '../pipeline-under-test.ts';
import { DeviceMirror } from './device-mirror.ts';

const state = (key: string): DeviceState => ({
  key,
  device: key,
  tags: {},
  topic: `sensors/${key}`,
  fields: {},
  lastTimeUs: 1,
  lastSeenUs: 1,
  clockOffsetUs: null,
  presence: presenceOf('online'),
  life: noLife,
  readings: 1,
});
const batch = (sequence: number, over: Partial<LiveBatch>): LiveBatch => ({
  partition: 0,
  nowUs: sequence,
  sequence,
  items: [],
  readings: 0,
  oldestReceivedAtUs: null,
  newestReceivedAtUs: null,
  devices: [],
  forgotten: [],
  transitions: [],
  ...over,
});

it('drops the devices that their worker has forgotten, and takes one that has come back as new', () => {
  const forgotten: string[] = [];
  const mirror = new DeviceMirror(10, new AlertBook(), {
    reading: () => undefined,
    row: () => undefined,
    forgotten: (entry) => forgotten.push(entry.state.key),
    transition: () => undefined,
  });
  mirror.applyBatch(batch(1, { devices: [state('a'), state('b'), state('c')] }));
  mirror.applyBatch(batch(2, { forgotten: ['a', 'b', 'nobody'], devices: [state('b')] }));
  expect(forgotten).toEqual(['a', 'b']);
  expect([...mirror.entries()].map((entry) => entry.state.key)).toEqual(['c', 'b']);
  // A worker that repeats what was seen may be behind a device's return.
  mirror.applyBatch(batch(1, { forgotten: ['c'] }));
  expect(mirror.size).toBe(2);
});
