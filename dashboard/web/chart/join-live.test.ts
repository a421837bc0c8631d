import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinLive, type LivePoint } from './join-live.ts';

const raw = (timesUs: number[], gapUs = 100) => ({
  kind: 'raw' as const,
  stepUs: null,
  timesUs,
  values: timesUs.map((timeUs) => timeUs / 10),
  min: [],
  max: [],
  gapUs,
  upToUs: timesUs.at(-1) ?? null,
});
const live = (...timesUs: number[]): LivePoint[] => timesUs.map((timeUs) => ({ timeUs, value: timeUs / 10 }));

describe('readings behind a history', () => {
  it.each([
    ['nothing live', [10, 20], [], [10, 20]],
    ['later ones follow', [10, 20], [30, 40], [10, 20, 30, 40]],
    ['what the history holds is taken from it alone', [10, 20], [10, 15, 20, 30], [10, 20, 30]],
    ['each time once', [10], [20, 20, 30], [10, 20, 30]],
    ['in the order of time', [10], [40, 20, 30], [10, 20, 30, 40]],
    ['without a history', [], [20, 10], [10, 20]],
  ])('%s', (_, history, points, expected) => {
    expect(joinLive(raw(history), live(...points)).timesUs).toEqual(expected);
  });

  it('a silence of the gap itself is none, one longer breaks the line', () => {
    expect(joinLive(raw([10]), live(110)).values).toEqual([1, 11]);
    const { timesUs, values } = joinLive(raw([10]), live(111));
    expect(timesUs).toEqual([10, 11, 111]);
    expect(values).toEqual([1, null, 11.1]);
  });

  it('a history that ends in a gap has it once', () => {
    const history = { ...raw([10, 11]), values: [1, null], upToUs: 10 };
    expect(joinLive(history, live(500)).values).toEqual([1, null, 50]);
  });

  it('wherever the seam lies, the line is the same as without one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.nat(),
        (times, cut, overlap) => {
          times.sort((a, b) => a - b);
          const seam = cut % times.length;
          const history = times.slice(0, seam + 1);
          // A page listens before it loads: some of the history came live as well.
          const heard = times.slice(Math.max(0, seam - (overlap % 10)));
          const whole = joinLive(raw([]), live(...times));
          const stored = joinLive(raw([]), live(...history));
          const joined = joinLive(
            { ...raw(stored.timesUs), values: stored.values, upToUs: history.at(-1)! },
            live(...heard),
          );
          expect(joined).toEqual(whole);
          expect(joined.timesUs.every((time, i) => i === 0 || time > joined.timesUs[i - 1]!)).toBe(true);
        },
      ),
    );
  });
});

describe('readings behind buckets', () => {
  const buckets = {
    kind: 'buckets' as const,
    stepUs: 100,
    timesUs: [0, 100],
    values: [5, 6],
    min: [4, 5],
    max: [7, 8],
    gapUs: 1000,
    upToUs: 150,
  };

  it('widen the bucket they fall into, and begin the next', () => {
    const trace = joinLive(buckets, [
      { timeUs: 140, value: 99 },
      { timeUs: 160, value: 10 },
      { timeUs: 210, value: 3 },
      { timeUs: 220, value: 5 },
    ]);
    expect(trace).toEqual({ timesUs: [0, 100, 200], values: [5, 8, 4], min: [4, 5, 3], max: [7, 10, 5] });
  });

  it('a gap comes before the next bucket', () => {
    const trace = joinLive(buckets, [{ timeUs: 1210, value: 3 }]);
    expect(trace.timesUs).toEqual([0, 100, 151, 1200]);
    expect(trace.values).toEqual([5, 6, null, 3]);
  });

  it('leaves the answer as it was', () => {
    const before = structuredClone(buckets);
    joinLive(buckets, [{ timeUs: 160, value: 10 }]);
    expect(buckets).toEqual(before);
  });
});
