import { expect, it } from 'vitest';
import { SparklineRing } from './sparkline.ts';

const step = 15_000_000;
/** A moment in the given bucket. */
const at = (bucket: number, offsetUs = 0) => (1_000_000 + bucket) * step + offsetUs;

it('is nothing before a number came', () => {
  const ring = new SparklineRing();
  ring.add(at(0), { firmware: '2.4.1' });
  expect(ring.view(at(0))).toBeNull();
});

it('takes means of 15 s of the first numeric field, and leaves out what nobody sent', () => {
  const ring = new SparklineRing();
  ring.add(at(0), { open: true, temperature: 10, pressure: 5 });
  ring.add(at(0, step - 1), { temperature: 20 });
  ring.add(at(2), { temperature: 30, pressure: 1 });
  const view = ring.view(at(2))!;
  expect(view).toMatchObject({ field: 'temperature', stepUs: step, endUs: at(3) });
  expect(view.points).toHaveLength(60);
  expect(view.points.slice(-4)).toEqual([null, 15, null, 30]);
});

it('moves on with the clock, also when nothing comes, until nothing is left', () => {
  const ring = new SparklineRing();
  ring.add(at(0), { t: 1 });
  expect(ring.view(at(59))!.points).toEqual([1, ...Array.from({ length: 59 }, () => null)]);
  expect(ring.view(at(60))).toBeNull();
});

it('overwrites what is older than 15 min', () => {
  const ring = new SparklineRing();
  for (let bucket = 0; bucket < 100; bucket++) ring.add(at(bucket), { t: bucket });
  expect(ring.view(at(99))!.points).toEqual(Array.from({ length: 60 }, (_, index) => 40 + index));
});

it('takes a late reading only where nothing came, and none of before', () => {
  const ring = new SparklineRing();
  ring.add(at(100), { t: 1 });
  ring.add(at(98), { t: 7 });
  ring.add(at(98), { t: 9 });
  ring.add(at(40), { t: 5 });
  expect(ring.view(at(100))!.points.slice(-3)).toEqual([7, null, 1]);
  expect(ring.view(at(100))!.points[0]).toBeNull();
});
