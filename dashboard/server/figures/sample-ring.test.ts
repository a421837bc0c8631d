import { expect, it } from 'vitest';
import { SampleRing, samplesMax } from './sample-ring.ts';

const base = 1_700_000_000 - (1_700_000_000 % 60);
const sample = (second: number, value: number | null) => ({
  atUs: (base + second) * 1e6 + 123,
  received: value,
  stored: value,
  screenP50: value,
  screenP99: value,
  processorsLagMs: value,
  influxLagMs: value,
});

it('shows means, of latency tails and lags the greatest', () => {
  const ring = new SampleRing();
  for (let second = 1; second <= 10; second++) ring.add(sample(second, second));
  const series = ring.series('1h', (base + 10) * 1e6);
  expect(series).toMatchObject({ stepUs: 10e6, atUs: [(base + 10) * 1e6], received: [5.5], screenP50: [5.5] });
  expect(series).toMatchObject({ screenP99: [10], processorsLagMs: [10], influxLagMs: [10] });
});

it('a second without a sample, or without a value, is unknown and not zero', () => {
  const ring = new SampleRing();
  ring.add(sample(2, 4));
  ring.add(sample(5, null));
  ring.add(sample(8, 6));
  expect(ring.series('15m', (base + 8) * 1e6).received).toEqual([4, null, null, 6]);
});

it('keeps six hours and no more', () => {
  const ring = new SampleRing();
  for (let second = 0; second < samplesMax + 3_600; second++) ring.add(sample(second, second));
  const series = ring.series('6h', (base + samplesMax + 3_600) * 1e6);
  expect(series.atUs).toHaveLength(360);
  expect(series.atUs[0]).toBe((base + 3_660) * 1e6);
  expect(Math.min(...series.received.filter((value) => value !== null))).toBeGreaterThan(3_600);
});
