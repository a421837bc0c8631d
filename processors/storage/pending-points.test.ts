import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PendingPoints, type Point } from './pending-points.ts';
import type { Policy } from './retention.ts';

const point = (source: string, policy: Policy = 'readings'): Point<string> => ({
  line: `m v=${source}`,
  policy,
  source,
});
const sources = (pending: PendingPoints<string, string>, pointsMax = 100, charactersMax = 10_000) =>
  pending.batch(pointsMax, charactersMax)?.points.map(({ source }) => source);

describe('PendingPoints', () => {
  it('a message is finished when all of its points are answered, and those of the messages before it', () => {
    const pending = new PendingPoints<string, string>();
    pending.add('first', [point('1'), point('2')]);
    pending.add('empty', []);
    pending.add('second', [point('3')]);
    expect(pending.finished()).toEqual([]);
    expect(sources(pending, 1)).toEqual(['1']);
    pending.answer([]);
    expect(pending.finished()).toEqual([]);
    expect(sources(pending, 2)).toEqual(['2', '3']);
    pending.answer([{ index: 1, detail: 'no' }]);
    expect(pending.finished()).toEqual([
      { message: 'first', refused: [] },
      { message: 'empty', refused: [] },
      { message: 'second', refused: [{ source: '3', detail: 'no' }] },
    ]);
    expect([pending.points, pending.characters, pending.messages]).toEqual([0, 0, 0]);
  });

  it('a batch has one policy and ends at the bound of characters, but is never empty', () => {
    const pending = new PendingPoints<string, string>();
    pending.add('a', [point('1'), point('2'), point('3', 'windows'), point('4')]);
    expect(sources(pending)).toEqual(['1', '2']);
    expect(sources(pending, 100, 10)).toEqual(['1', '2']);
    expect(sources(pending, 100, 9)).toEqual(['1']);
    expect(sources(pending, 100, 1)).toEqual(['1']);
    expect(new PendingPoints().batch(1, 1)).toBeNull();
  });

  it('each point is written in order and answered once, each message finished once', () => {
    const message = fc.array(fc.constantFrom<Policy>('readings', 'windows'), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), fc.integer({ min: 1, max: 4 }), (messages, pointsMax) => {
        const pending = new PendingPoints<number, string>();
        const added: string[] = [];
        for (const [m, policies] of messages.entries()) {
          const points = policies.map((policy, i) => point(`${m}.${i}`, policy));
          added.push(...points.map(({ source }) => source));
          pending.add(m, points);
        }
        const written: string[] = [];
        const finished = pending.finished().map((one) => one.message);
        for (let batch; (batch = pending.batch(pointsMax, 1_000)) !== null;) {
          expect(batch.points.length).toBeLessThanOrEqual(pointsMax);
          expect(new Set(batch.points.map(({ policy }) => policy)).size).toBe(1);
          written.push(...batch.points.map(({ source }) => source));
          pending.answer([]);
          finished.push(...pending.finished().map((one) => one.message));
        }
        expect(written).toEqual(added);
        expect(finished).toEqual(messages.map((_, m) => m));
      }),
    );
  });
});
