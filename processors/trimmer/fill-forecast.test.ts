import { expect, it } from 'vitest';
import { FillForecast } from './fill-forecast.ts';

it('says nothing before it has seen enough', () => {
  const forecast = new FillForecast();
  expect(forecast.add(0, 0, 1_000)).toBeNull();
  expect(forecast.add(59_999, 500, 1_000)).toBeNull();
});

it.each([
  ['grows', 500, 60_000],
  ['is full of what nobody has read', 1_000, 0],
  ['stands still', 0, null],
])('a log that %s', (_, bytes, inMs) => {
  const forecast = new FillForecast();
  forecast.add(0, 0, 1_000);
  expect(forecast.add(60_000, bytes, 1_000)).toBe(inMs);
});

it('goes by the last ten minutes', () => {
  const forecast = new FillForecast();
  forecast.add(0, 0, 10_000);
  forecast.add(60_000, 5_000, 10_000);
  expect(forecast.add(700_000, 5_000, 10_000)).toBeNull();
  expect(forecast.add(760_000, 6_000, 10_000)).toBe(240_000);
});
