import { expect, it } from 'vitest';
import { lanesOf } from './lanes.ts';

const rule = {
  rule: 'hot',
  field: 'temperature',
  severity: 'critical' as const,
  state: 'firing' as const,
  sinceUs: 30,
};
const step = (to: 'ok' | 'pending' | 'firing' | 'unknown', timeUs: number, decidedAtUs = timeUs) => ({
  rule: 'hot',
  field: 'temperature',
  severity: 'critical' as const,
  to,
  timeUs,
  decidedAtUs,
});

it('a lane is the stretches between steps, whatever their order', () => {
  const [lane] = lanesOf(
    [step('firing', 30), step('pending', 20), step('ok', 10), step('unknown', 50)],
    [rule],
    'temperature',
    60,
  );
  expect(lane!.parts).toEqual([
    { state: 'pending', severity: 'critical', fromUs: 20, toUs: 30 },
    { state: 'firing', severity: 'critical', fromUs: 30, toUs: 50 },
    { state: 'unknown', severity: 'critical', fromUs: 50, toUs: 60 },
  ]);
});

it('steps follow each other as they were decided: what ends the unknown may be older than it', () => {
  const [lane] = lanesOf([step('firing', 10), step('firing', 48, 51), step('unknown', 50)], [rule], 'temperature', 60);
  expect(lane!.parts).toEqual([
    { state: 'firing', severity: 'critical', fromUs: 10, toUs: 50 },
    { state: 'firing', severity: 'critical', fromUs: 50, toUs: 60 },
  ]);
});

it('without a known step it is the present state since it began', () => {
  expect(lanesOf([], [rule], 'temperature', 60)[0]!.parts).toEqual([
    { state: 'firing', severity: 'critical', fromUs: 30, toUs: 60 },
  ]);
});

it('nothing is drawn past what is known', () => {
  expect(lanesOf([step('firing', 30)], [rule], 'temperature', 40)[0]!.parts).toMatchObject([{ toUs: 40 }]);
  expect(lanesOf([step('firing', 50)], [rule], 'temperature', 40)).toEqual([]);
});

it('other fields and rules that are ok have no lane', () => {
  expect(lanesOf([step('ok', 10)], [{ ...rule, state: 'ok' }], 'temperature', 60)).toEqual([]);
  expect(lanesOf([step('firing', 10)], [rule], 'vibration', 60)).toEqual([]);
});
