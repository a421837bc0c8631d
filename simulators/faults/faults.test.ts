import { describe, expect, it } from 'vitest';
import type { Publication } from '../publication.ts';
import { applyFaults } from './apply-faults.ts';
import { type FaultName, faultNames, parseFaults } from './fault-names.ts';

const total = 20_000;
const devices = 100;

function* readings(): Generator<Publication> {
  for (let n = 0; n < total; n++) {
    const device = n % devices;
    const topic = `sensors/plant1/press-${device}`;
    yield {
      device,
      topic,
      key: `plant1/press-${device}`,
      fields: { n },
      timeUs: n * 10_000,
      dueMs: n * 10,
      faults: [],
    };
  }
}

function apply(rates: Partial<Record<FaultName, number>>, seed = 1) {
  let lost = 0;
  const sent = [...applyFaults(readings(), rates, seed, () => lost++)];
  return { sent, lost };
}

const all = Object.keys(faultNames) as FaultName[];

it.each(all)('%s: the same for the same seed, another for another', (fault) => {
  const rates = { [fault]: 0.1 };
  expect(apply(rates)).toEqual(apply(rates));
  expect(apply(rates).sent).not.toEqual(apply(rates, 2).sent);
});

it.each(all.filter((fault) => fault !== 'lost' && fault !== 'skewed' && fault !== 'reordered'))(
  '%s: as often as asked',
  (fault) => {
    const { sent } = apply({ [fault]: 0.05 });
    const marked = sent.filter(({ faults }) => faults.includes(fault)).length;
    expect(marked / total).toBeGreaterThan(0.04);
    expect(marked / total).toBeLessThan(0.06);
  },
);

describe('what each does', () => {
  it('lost: neither sent nor forgotten', () => {
    const { sent, lost } = apply({ lost: 0.05 });
    expect(lost / total).toBeCloseTo(0.05, 1);
    expect(sent.length + lost).toBe(total);
  });

  it('late: 5 to 60 s after it was measured or at the end, everything in the order it is due', () => {
    const { sent } = apply({ late: 0.05 });
    expect(sent).toHaveLength(total);
    expect(sent.map(({ dueMs }) => dueMs)).toEqual(sent.map(({ dueMs }) => dueMs).toSorted((a, b) => a - b));
    const wrong = sent.filter(({ dueMs, timeUs, faults }) => {
      const delayMs = dueMs - timeUs / 1000;
      const isAtEnd = dueMs === sent.at(-1)!.dueMs;
      return faults.length === 0 ? delayMs !== 0 : delayMs > 60_000 || (delayMs < 5_000 && !isAtEnd);
    });
    expect(wrong).toEqual([]);
  });

  it('duplicated: the same bytes again', () => {
    const { sent } = apply({ duplicated: 0.05 });
    const again = sent.flatMap((publication, i) =>
      publication.faults.length > 0 ? [[sent[i - 1]!, publication]] : [],
    );
    expect(again.every(([a, b]) => a!.timeUs === b!.timeUs && a!.topic === b!.topic)).toBe(true);
  });

  it('reordered: nothing missing, each marked one comes after a newer one of its device', () => {
    const { sent } = apply({ reordered: 0.05 });
    expect(sent.map(({ timeUs }) => timeUs).toSorted((a, b) => a - b)).toEqual(
      [...readings()].map(({ timeUs }) => timeUs),
    );
    const latest = new Map<number, number>();
    let overtaken = 0;
    for (const { device, timeUs, faults } of sent) {
      const isOld = timeUs < (latest.get(device) ?? 0);
      expect(isOld).toBe(faults.includes('reordered'));
      if (isOld) overtaken++;
      else latest.set(device, timeUs);
    }
    expect(overtaken / total).toBeGreaterThan(0.035);
  });

  it('skewed: always the same devices by always the same time', () => {
    const offsets = new Map<number, Set<number>>();
    for (const { device, timeUs, dueMs } of apply({ skewed: 0.1 }).sent)
      offsets.set(device, (offsets.get(device) ?? new Set()).add(timeUs - dueMs * 1000));
    const skewed = [...offsets.values()].filter((set) => !set.has(0));
    expect([...offsets.values()].every((set) => set.size === 1)).toBe(true);
    expect(skewed.length).toBeGreaterThan(3);
    expect(skewed.length).toBeLessThan(20);
  });

  it('stray: outside of every default template', () => {
    const { sent } = apply({ stray: 0.05 });
    const strays = sent.filter(({ faults }) => faults.includes('stray'));
    expect(strays.every(({ topic }) => !topic.startsWith('sensors/'))).toBe(true);
  });
});

describe('parseFaults', () => {
  it('reads rates and shares', () => expect(parseFaults('late=1%, lost=0.005')).toEqual({ late: 0.01, lost: 0.005 }));
  it('nothing', () => expect(parseFaults('')).toEqual({}));
  it.each(['late', 'late=x', 'lite=1%', 'late=200%', 'toString=1%'])('refuses %s', (text) =>
    expect(() => parseFaults(text)).toThrow(RangeError),
  );
});
