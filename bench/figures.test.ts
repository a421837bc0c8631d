import { expect, it } from 'vitest';
import { type Figures, figuresTable, storedText } from './figures.ts';
import { Measurements } from './percentile.ts';

const figures: Figures = {
  name: 'to PUBACK',
  readingsPerS: 40_000,
  p50Ms: 2,
  p99Ms: 30,
  cpu: { generator: 0.5 },
  peakMiB: { ingest: 120 },
  acknowledged: 1000,
  stored: 1000,
  storedAfterMs: 400,
  neverShown: 0,
};

it('says each figure and its ratio to the baseline', () => {
  const [head, row] = figuresTable([figures], { 'to PUBACK': { ...figures, p99Ms: 20 } }).split('\n');
  expect(head).toMatch(/case +readings\/s +p50 ms +p99 ms +generator CPU/);
  expect(row).toMatch(/to PUBACK +40,000 \(x1\.00\) +2\.0 \(x1\.00\) +30\.0 \(x1\.50\) +0\.50 \(x1\.00\) +- /);
});

it.each([
  [1000, 'none missing'],
  [998, '2 NOT STORED by then'],
  [1001, '1 TOO MANY'],
])('%i stored of 1,000: %s', (stored, verdict) => expect(storedText({ ...figures, stored })).toContain(verdict));

it('percentiles over any number of measurements', () => {
  const measured = new Measurements();
  expect(measured.percentile(0.5)).toBeNull();
  for (let i = 100_000; i > 0; i--) measured.add(i);
  expect(measured.percentile(0.5)).toBe(50_001);
  expect(measured.percentile(0.99)).toBe(99_001);
});
