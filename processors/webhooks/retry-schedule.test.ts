import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptDelaysMs, decide, deliveryLifeMs, parseRetryAfter, type AttemptResult } from './retry-schedule.ts';

const answer = (status: number | null, retryAfterMs: number | null = null): AttemptResult => ({
  status,
  error: status === 200 ? '' : 'failed',
  retryAfterMs,
  durationMs: 1,
});

describe('decide', () => {
  it.each([200, 201, 204, 299])('%i is delivered', (status) =>
    expect(decide(answer(status), 1, 0)).toEqual({ kind: 'delivered' }),
  );

  it.each([null, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])('%s is tried again', (status) =>
    expect(decide(answer(status), 1, 0)).toEqual({ kind: 'retry', delayMs: 5_000 }),
  );

  it('410 ends it at once and for all alerts', () =>
    expect(decide(answer(410), 1, 0)).toEqual({ kind: 'dead-letter', gone: true }));

  it('waits 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, then gives up', () => {
    const hours = (count: number) => count * 3_600_000;
    const delays = Array.from({ length: 10 }, (_, i) => decide(answer(500), i + 1, 0));
    const expected = [5_000, 300_000, 1_800_000, hours(2), hours(5), hours(10), hours(14), hours(20), hours(24)];
    expect(delays).toEqual([
      ...expected.map((delayMs) => ({ kind: 'retry', delayMs })),
      { kind: 'dead-letter', gone: false },
    ]);
  });

  it.each([
    ['longer than the schedule', 60_000, 60_000],
    ['shorter', 1_000, 5_000],
    ['absurd', 1e15, 86_400_000],
  ])('Retry-After %s', (_, asked, delayMs) =>
    expect(decide(answer(503, asked), 1, 0)).toEqual({ kind: 'retry', delayMs }),
  );

  it('jitter only lengthens, by a fifth at most, and all attempts fit into a life', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }), (randoms) => {
        let totalMs = 0;
        for (const [i, random] of randoms.entries()) {
          const decision = decide(answer(500), i + 1, random);
          const delayMs = decision.kind === 'retry' ? decision.delayMs : Number.NaN;
          expect(delayMs).toBeGreaterThanOrEqual(attemptDelaysMs[i + 1]!);
          expect(delayMs).toBeLessThanOrEqual(attemptDelaysMs[i + 1]! * 1.2);
          totalMs += delayMs;
        }
        expect(totalMs).toBeLessThan(deliveryLifeMs);
      }),
    );
  });
});

it.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 1969 23:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  [undefined, null],
])('Retry-After: %s', (value, expected) => expect(parseRetryAfter(value, 0)).toBe(expected));
