import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCsv, replay } from './csv.ts';

describe('readCsv', () => {
  it('sorts by time, leaves empty cells out, knows quotes and epochs', () => {
    const text = 'time,device,"temp ""C""",site\r\n1763892001,a,2,\n1763892000000,"b, c",,plant2\n\n';
    expect(readCsv(text)).toEqual([
      { site: 'plant2', device: 'b, c', timeUs: 1763892000_000_000, fields: {} },
      { site: 'plant1', device: 'a', timeUs: 1763892001_000_000, fields: { 'temp "C"': 2 } },
    ]);
  });

  it.each([
    ['device,x\n', 'line 1: needs columns "time" and "device"'],
    ['time,device,x\n2025-10-01,a,1\nsoon,a,1', 'line 3: not a time: "soon"'],
    ['time,device,x\n2025-10-01,a,warm', 'line 2: x is not a number: "warm"'],
    ['time,device,x\n2025-10-01,,1', 'line 2: no device'],
    ['time,device\n2025-10-01,"a', 'line 2: a quote is not closed'],
  ])('%j', (text, message) => expect(() => readCsv(text)).toThrow(new RangeError(message)));
});

it('replays at a speed, with shifted times', () => {
  const rows = readCsv('time,device,x\n1763892000,a,1\n1763892010,b,2\n1763892030,a,3');
  expect([...replay(rows, 10, 5)].map(({ device, dueMs, timeUs, topic }) => [device, dueMs, timeUs, topic])).toEqual([
    [0, 0, 1763892000_000_005, 'sensors/plant1/a'],
    [1, 1000, 1763892010_000_005, 'sensors/plant1/b'],
    [0, 3000, 1763892030_000_005, 'sensors/plant1/a'],
  ]);
  expect([...replay(rows, 10, 5, 3000)]).toHaveLength(2);
});

it('the data set that ships is one', () => {
  const rows = readCsv(readFileSync(join(import.meta.dirname, 'data/press-shift.csv'), 'utf8'));
  expect(rows).toHaveLength(360);
  expect(rows.some(({ fields }) => (fields['temperature'] ?? 0) > 85)).toBe(true);
});
