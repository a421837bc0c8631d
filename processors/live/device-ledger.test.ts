import { expect, it } from 'vitest';
import { emptyLedger, ledgerDifference } from '../../events/ledger.ts';
import { deviceLedger } from './device-ledger.ts';

const worker = { ...emptyLedger, received: 10, quarantined: 1, duplicate: 2, late: 3 };
const stored = { ...emptyLedger, received: 7, stored: 4, quarantined: 1, duplicate: 1, inFlight: 1 };

it('counts what storage has not read as on its way', () => {
  const whole = deviceLedger(worker, stored)!;
  expect(whole).toEqual({ ...stored, received: 10, inFlight: 4, late: 3 });
  expect(ledgerDifference(whole)).toBe(0);
});

it.each([
  ['storage has not heard of it', worker, null, { ...emptyLedger, received: 10, inFlight: 10, late: 3 }],
  ['the worker has not', null, stored, stored],
  ['nobody has', null, null, null],
  ['storage is ahead', { ...worker, received: 5 }, stored, { ...stored, late: 3 }],
])('when %s', (_, ofWorker, ofStorage, whole) => {
  expect(deviceLedger(ofWorker, ofStorage)).toEqual(whole);
});
