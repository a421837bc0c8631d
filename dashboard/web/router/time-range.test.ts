import { describe, expect, it } from 'vitest';
import { bounds, panned, rangeOf, rangeQuery, zoomed, type TimeRange } from './time-range.ts';

const read = (text: string) => rangeOf(new URLSearchParams(text), 3_600_000);
const now = Date.UTC(2026, 10, 23, 10);

describe('rangeOf', () => {
  it.each<[string, TimeRange]>([
    ['', { live: true, spanMs: 3_600_000 }],
    ['from=-15m', { live: true, spanMs: 900_000 }],
    ['from=-7d', { live: true, spanMs: 604_800_000 }],
    ['from=-0s', { live: true, spanMs: 1_000 }],
    [
      'from=2026-11-23T09:00:00Z&to=2026-11-23T09:30:00Z',
      { live: false, fromMs: now - 3_600_000, toMs: now - 1_800_000 },
    ],
    ['from=2026-11-23T09:00:00Z', { live: true, spanMs: 3_600_000 }],
    ['from=2026-11-23T09:30:00Z&to=2026-11-23T09:00:00Z', { live: true, spanMs: 3_600_000 }],
    ['from=yesterday&to=today', { live: true, spanMs: 3_600_000 }],
  ])('%s', (query, range) => expect(read(query)).toEqual(range));
});

it.each<TimeRange>([
  { live: true, spanMs: 90_000 },
  { live: true, spanMs: 86_400_000 },
  { live: false, fromMs: now - 1234, toMs: now },
])('a range written to the URL is read back: %s', (range) => {
  const { from, to } = rangeQuery(range);
  expect(rangeOf(new URLSearchParams({ from, ...(to === null ? {} : { to }) }), 1)).toEqual(range);
});

it('panning leaves the live end, by half a range', () => {
  expect(panned({ live: true, spanMs: 1_000_000 }, -0.5, now)).toEqual({
    live: false,
    fromMs: now - 1_500_000,
    toMs: now - 500_000,
  });
});

it('zooming keeps the live end, or the middle', () => {
  expect(zoomed({ live: true, spanMs: 3_600_000 }, 0.5)).toEqual({ live: true, spanMs: 1_800_000 });
  expect(bounds(zoomed({ live: false, fromMs: 0, toMs: 100_000 }, 2), now)).toEqual([-50_000, 150_000]);
  expect(zoomed({ live: true, spanMs: 10_000 }, 0.5)).toEqual({ live: true, spanMs: 10_000 });
});
