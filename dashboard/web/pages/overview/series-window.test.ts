import { expect, it } from 'vitest';
import { withSample } from './series-window.ts';

const sample = (s: number) => ({
  atUs: s * 1e6,
  received: s,
  stored: s,
  screenP50: null,
  screenP99: null,
  processorsLagMs: 1,
  influxLagMs: 2,
});
const empty = {
  stepUs: 1e6,
  atUs: [],
  received: [],
  stored: [],
  screenP50: [],
  screenP99: [],
  processorsLagMs: [],
  influxLagMs: [],
};

it('grows at its end and drops what is too old', () => {
  let series = withSample(empty, sample(1), 2e6);
  for (const s of [2, 3, 4]) series = withSample(series, sample(s), 2e6);
  expect(series.atUs).toEqual([2e6, 3e6, 4e6]);
  expect(series.received).toEqual([2, 3, 4]);
  expect(series.screenP50).toEqual([null, null, null]);
});

it('takes no sample twice, and none into longer steps', () => {
  const series = withSample(empty, sample(1), 9e6);
  expect(withSample(series, sample(1), 9e6)).toBe(series);
  const steps = { ...empty, stepUs: 5e6 };
  expect(withSample(steps, sample(1), 9e6)).toBe(steps);
});
