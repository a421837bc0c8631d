import { expect, it } from 'vitest';
import type { WindowResult } from '../../events/window.ts';
import { configSchema, processingConfig } from '../../infra/config/schema.ts';
import { RevisableWindows } from './revisable-windows.ts';

const second = 1_000_000;
const config = processingConfig(
  configSchema.parse({
    windows: [
      { name: '10s', size: '10s', lateness: '5s', retain: '20s' },
      { name: '1m', size: '1m', from: '10s', lateness: '5s', retain: '1s' },
      { name: 'site', size: '10s', by: ['site'], lateness: '5s', retain: '20s' },
      { name: 'sliding', kind: 'sliding', size: '10s' },
      { name: 'count', kind: 'count', count: 3 },
    ],
  }),
);
const result = (window: string, startS: number, sizeS = 10, key = 'd'): WindowResult => ({
  window,
  key,
  device: 'd',
  field: 'f',
  tags: {},
  startUs: startS * second,
  endUs: (startS + sizeS) * second,
  revision: 0,
  origin: { partition: 0, sequence: 1, index: 0 },
  count: 1,
  min: 1,
  max: 1,
  mean: 1,
  sum: 1,
  first: 1,
  last: 1,
  stddev: 0,
});

it('remembers a window until a reading so late would no longer be taken', () => {
  const windows = new RevisableWindows();
  windows.note(result('10s', 0), config);
  windows.note(result('10s', 30), config);
  // Of another device: it may be behind.
  windows.note(result('10s', 90, 10, 'other'), config);
  expect(windows.has(result('10s', 0))).toBe(true);
  expect(windows.has(result('10s', 10))).toBe(false);
  // 10 + 20 + 5 s
  windows.note(result('10s', 35), config);
  expect(windows.has(result('10s', 0))).toBe(false);
  expect(windows.has(result('10s', 30))).toBe(true);
});

it('a folded window may be revised as long as those that it is folded from', () => {
  const windows = new RevisableWindows();
  windows.note(result('1m', 0, 60), config);
  windows.note(result('1m', 60, 60), config);
  expect(windows.has(result('1m', 0, 60))).toBe(true);
  windows.note(result('1m', 120, 60), config);
  expect(windows.has(result('1m', 0, 60))).toBe(false);
});

it("windows over devices go with the log's clock, those of devices with the devices", () => {
  const windows = new RevisableWindows();
  windows.note(result('site', 0), config);
  expect(windows.isEmpty(34 * second)).toBe(false);
  expect(windows.isEmpty(35 * second)).toBe(true);
  windows.note(result('10s', 0), config);
  expect(windows.isEmpty(10_000 * second)).toBe(false);
});

it('sliding and count windows are never revised', () => {
  const windows = new RevisableWindows();
  windows.note(result('sliding', 0), config);
  windows.note(result('count', 0), config);
  expect(windows.isEmpty(0)).toBe(true);
});

it('remembers no more of a device than its window holds', () => {
  const windows = new RevisableWindows();
  const long = processingConfig(configSchema.parse({ windows: [{ name: '10s', size: '10s', retain: '1d' }] }));
  for (let at = 0; at < 100; at++) windows.note(result('10s', at * 10), long);
  expect(windows.has(result('10s', 350))).toBe(false);
  expect(windows.has(result('10s', 360))).toBe(true);
});
