import { expect, it } from 'vitest';
import type { DeviceRow } from '../../../../events/api.ts';
import { byField, defaultSort, moved, nextSort, ordered, sortOf, sortText } from './order.ts';

const row = (device: string, more: Partial<DeviceRow> = {}): DeviceRow => ({
  key: `plant1/${device}`,
  device,
  tags: {},
  fields: {},
  lastTimeUs: 0,
  lastSeenUs: 0,
  intervalUs: null,
  presence: { state: 'online', cause: 'reading', sinceUs: 0, intervalUs: null },
  life: { label: '', retired: false, replacedBy: null },
  stale: false,
  ratePerS: 1,
  alert: null,
  spark: null,
  ...more,
});
const alert = (severity: 'critical' | 'warning') => ({
  rule: 'r',
  field: 'f',
  severity,
  state: 'firing' as const,
  sinceUs: 0,
  condition: '',
});
const names = (rows: DeviceRow[], sort = defaultSort) => ordered(rows, sort).map((key) => key.slice(7));

it('in alert first, then silent, then by name with numbers in their order', () => {
  const rows = [
    row('press-10'),
    row('press-9'),
    row('valve', { stale: true }),
    row('oven', { alert: alert('warning') }),
    row('pump', { alert: alert('critical') }),
  ];
  expect(names(rows)).toEqual(['pump', 'oven', 'valve', 'press-9', 'press-10']);
});

it('by a field, rows without it last whichever way', () => {
  const rows = [row('a', { fields: { t: 1 } }), row('b'), row('c', { fields: { t: 3 } })];
  expect(names(rows, { by: 't', down: true })).toEqual(['c', 'a', 'b']);
  expect(names(rows, { by: 't', down: false })).toEqual(['a', 'c', 'b']);
});

it('a sort is written to the URL and read back', () => {
  for (const sort of [defaultSort, { by: 't', down: true }, { by: 'name', down: true }])
    expect(sortOf(sortText(sort))).toEqual(sort);
});

it('clicks: greatest first, then least, then as it was', () => {
  const first = nextSort(defaultSort, 't');
  expect(first).toEqual({ by: 't', down: true });
  expect(nextSort(first, 't')).toEqual({ by: 't', down: false });
  expect(nextSort(nextSort(first, 't'), 't')).toEqual(defaultSort);
});

it('counts rows that would stand elsewhere', () => expect(moved(['a', 'b', 'c'], ['b', 'a', 'c'])).toBe(2));

it('a field may be called like another column', () => {
  const rows = [
    row('a', { fields: { state: 'run' }, ratePerS: 9 }),
    row('b', { fields: { state: 'idle' }, stale: true }),
  ];
  expect(names(rows, { by: byField('state'), down: false })).toEqual(['b', 'a']);
  expect(names(rows, { by: 'state', down: false })).toEqual(['b', 'a']);
  expect(names(rows, { by: byField('state'), down: true })).toEqual(['a', 'b']);
  expect(['temperature', 'state', 'tag:x', '-x'].map(byField)).toEqual([
    'temperature',
    'field:state',
    'field:tag:x',
    'field:-x',
  ]);
});
