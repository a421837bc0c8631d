import { describe, expect, it } from 'vitest';
import { giveTime, isRepeat, KnownDevices, type KnownDevice } from './known-devices.ts';

const payload = (names: string[], shape = names.length) => ({
  fields: Object.fromEntries(names.map((name) => [name, 1])),
  ownTimeUs: null,
  shape,
});
/** A route to a device that was not there before. */
const at = (key: string) => ({ key, known: null });
const bounds = (devicesMax: number, retainUs = 60e6, fieldsPerDeviceMax = 20) => ({
  devicesMax,
  fieldsPerDeviceMax,
  retainUs,
});
const known = () => new KnownDevices(bounds(10)).admit(at('a'), payload(['t']), 0) as KnownDevice;

describe('bounds', () => {
  it('the first devices are known, later ones refused, the known stay', () => {
    const devices = new KnownDevices(bounds(2));
    devices.admit(at('a'), payload(['t']), 0);
    devices.admit(at('b'), payload(['t']), 0);
    expect(devices.admit(at('c'), payload(['t']), 0)).toMatchObject({ reason: 'too-many-devices' });
    expect(devices.admit(at('a'), payload(['t']), 0)).toHaveProperty('givenUs');
  });

  it('a device that invents names is refused those beyond the bound, and only those', () => {
    const devices = new KnownDevices(bounds(2));
    for (let i = 0; i < 20; i++) devices.admit(at('a'), payload([`f${i}`], i + 1), 0);
    expect(devices.admit(at('a'), payload(['one-more'], -1), 0)).toMatchObject({ reason: 'too-many-fields' });
    expect(devices.admit(at('a'), payload(['f0', 'f9'], -2), 0)).toHaveProperty('givenUs');
    devices.rebound(bounds(2, 60e6, 10), 0);
    expect(devices.admit(at('a'), payload(['f0', 'f19'], -3), 0)).toHaveProperty('givenUs');
    devices.rebound(bounds(2, 60e6, 21), 0);
    expect(devices.admit(at('a'), payload(['one-more'], -1), 0)).toHaveProperty('givenUs');
    expect(devices.admit(at('a'), payload(['two-more'], -4), 0)).toMatchObject({ reason: 'too-many-fields' });
  });
});

describe('times given', () => {
  it.each([
    ['receivedAt', 100, 200, 0, 100],
    ["the log's, when the receiver's clock is ahead", 300, 200, 0, 200],
    ['later than the last given', 100, 200, 150, 151],
  ])('%s', (_what, receivedAtUs, nowUs, lastUs, expected) => {
    const device = known();
    device.givenUs = lastUs;
    expect(giveTime(device, receivedAtUs, nowUs)).toBe(expected);
  });

  it('are distinct within one moment', () => {
    const device = known();
    expect([1, 2, 3].map(() => giveTime(device, 100, 100))).toEqual([100, 101, 102]);
  });
});

describe('repeats', () => {
  it.each<[string, [number, number, number], boolean]>([
    ['all equal', [100, 1, 1], true],
    ['other fields', [100, 2, 1], false],
    ['other tags', [100, 1, 2], false],
    ['earlier', [99, 1, 1], false],
    ['later', [101, 1, 1], false],
  ])('%s', (_what, [timeUs, shape, tags], expected) => {
    const device = known();
    expect(isRepeat(device, 100, 1, 1)).toBe(false);
    expect(isRepeat(device, timeUs, shape, tags)).toBe(expected);
  });

  it('what the last 256 do not hold is new, however old', () => {
    const device = known();
    for (let i = 0; i <= 256; i++) isRepeat(device, 1000 + i, 1, 1);
    expect(isRepeat(device, 1001, 1, 1)).toBe(true);
    expect(isRepeat(device, 1000, 1, 1)).toBe(false);
  });
});

it('a snapshot restores all of it', () => {
  const devices = new KnownDevices(bounds(3));
  const a = devices.admit(at('a'), payload(['t', 'h']), 0) as KnownDevice;
  devices.admit(at('b'), payload(['t', 'h']), 0);
  giveTime(a, 500, 500);
  isRepeat(a, 400, 2, 0);
  const restored = new KnownDevices(bounds(3), 0, devices.snapshot());
  expect(restored.snapshot()).toEqual(devices.snapshot());
  expect(isRepeat(restored.admit(at('a'), payload(['t', 'h']), 0) as KnownDevice, 400, 2, 0)).toBe(true);
  expect(devices.snapshot().nameSets).toEqual([['t', 'h']]);
});

describe('a device not heard of for as long as devices are retained', () => {
  it('is forgotten when that is over, in key order, and gives its place back', () => {
    const devices = new KnownDevices(bounds(2));
    devices.admit(at('b'), payload(['t']), 0);
    devices.admit(at('a'), payload(['t']), 0);
    expect(devices.forget(60e6 - 1)).toEqual([]);
    devices.admit(at('a'), payload(['t']), 60e6 - 1);
    expect(devices.forget(60e6)).toEqual(['b']);
    expect(devices.admit(at('c'), payload(['t']), 60e6)).toHaveProperty('givenUs');
    expect(devices.forget(120e6)).toEqual(['a', 'c']);
  });

  it('is new when it comes back: what it sent before is no repeat', () => {
    const devices = new KnownDevices(bounds(2));
    const before = devices.admit(at('a'), payload(['t']), 0) as KnownDevice;
    isRepeat(before, 400, 1, 0);
    devices.forget(60e6);
    expect(isRepeat(devices.admit(at('a'), payload(['t']), 60e6) as KnownDevice, 400, 1, 0)).toBe(false);
  });

  it('is forgotten at once when the time is made shorter than its silence, by a restored state too', () => {
    const devices = new KnownDevices(bounds(2));
    devices.admit(at('a'), payload(['t']), 0);
    const restored = new KnownDevices(bounds(2), 50e6, devices.snapshot());
    for (const one of [devices, restored]) {
      one.forget(50e6);
      one.rebound(bounds(2, 10e6), 50e6);
      expect(one.forget(50e6)).toEqual(['a']);
    }
  });
});
