import { expect, it } from 'vitest';
import { Admission } from './admission.ts';

const limit = expect.objectContaining({ status: 429, headers: { 'retry-after': '1' } }) as Error;

it('bounds requests and what they hold, and gives both back once', () => {
  const admission = new Admission({ requestsMax: 2, waitingBytesMax: 10 });
  const [one, two] = [admission.admit(), admission.admit()];
  expect(() => admission.admit()).toThrow(limit);
  one.hold(6);
  two.hold(4);
  expect(() => two.hold(1)).toThrow(limit);
  one.release();
  one.release();
  expect(admission).toMatchObject({ requests: 1, bytes: 4 });
  one.hold(100);
  two.hold(6);
  admission.admit().release();
  two.release();
  expect(admission).toMatchObject({ requests: 0, bytes: 0 });
});
