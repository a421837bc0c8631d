import { describe, expect, it } from 'vitest';
import { sparkplugCommand } from './command.ts';
import { readSparkplug, signedOf, wholeOf } from './payload.ts';

const nowMs = 1_782_900_000_000;
const written = (payload: unknown, command = 'Setpoint') => {
  const bytes = sparkplugCommand({ id: 'c1', command, payload }, nowMs);
  if (typeof bytes === 'string') throw new Error(bytes);
  const read = readSparkplug(bytes);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

describe('a command to an edge node or device', () => {
  it('is a payload of metrics with its id', () => {
    const { uuid, timestamp, metrics } = written({ 'Outputs/LED': true, Setpoint: 21.5, Mode: 'auto' });
    expect([uuid, wholeOf(timestamp!)]).toEqual(['c1', nowMs]);
    expect(metrics).toMatchObject([
      { name: 'Outputs/LED', datatype: 11, booleanValue: true },
      { name: 'Setpoint', datatype: 10, doubleValue: 21.5 },
      { name: 'Mode', datatype: 12, stringValue: 'auto' },
    ]);
  });

  it('is one metric called like the command where a value is all that is given', () => {
    expect(written(5, 'Speed').metrics).toMatchObject([{ name: 'Speed', doubleValue: 5 }]);
    expect(written({ type: 'Int16', value: -300 }, 'Speed').metrics).toMatchObject([{ name: 'Speed', datatype: 2 }]);
  });

  it.each([
    ['Int8', -128, -128],
    ['Int16', -300, -300],
    ['Int32', -70_000, -70_000],
    ['UInt32', 2 ** 32 - 1, 2 ** 32 - 1],
  ])('%s %d', (type, value, expected) => {
    const { intValue } = written({ x: { type, value } }).metrics[0]!;
    expect(type.startsWith('U') ? intValue : intValue! | 0).toBe(expected);
  });

  it.each([-5_000_000_000, -1, 0, 2 ** 52])('Int64 %d', (value) => {
    expect(signedOf(written({ x: { type: 'Int64', value } }).metrics[0]!.longValue!)).toBe(value);
  });

  it.each([
    [undefined, 'needs a boolean'],
    [{}, '1 to 100 metrics'],
    [[1], 'needs a boolean'],
    [{ x: null }, 'needs a boolean'],
    [{ x: { type: 'Int9', value: 1 } }, 'no type Int9'],
    [{ x: { type: 'Int8', value: 128 } }, '128 is no Int8'],
    [{ x: { type: 'UInt8', value: -1 } }, '-1 is no UInt8'],
    [{ x: { type: 'Boolean', value: 1 } }, '1 is no Boolean'],
    [{ x: { type: 'Int32', value: 1.5 } }, '1.5 is no Int32'],
  ])('%j is refused: %s', (payload, why) => {
    expect(sparkplugCommand({ id: 'c1', command: 'x', payload }, nowMs)).toContain(why);
  });
});
