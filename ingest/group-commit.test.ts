import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupCommit, type CommitLimits } from './group-commit.ts';

const limits: CommitLimits = {
  batchRecordsMax: 4,
  batchBytesMax: 100,
  lingerMs: 2,
  waitingRecordsMax: 10,
  waitingBytesMax: 1000,
};

interface Entry {
  readonly id: number;
  readonly bytes: number;
}

function commitWith(sizes: readonly number[], nowMs = 1000) {
  const commit = new GroupCommit<Entry>(1, limits);
  sizes.forEach((bytes, id) => commit.add(0, { id, bytes }, nowMs));
  return commit;
}

const ids = (batch: readonly Entry[]) => batch.map(({ id }) => id);

describe('a batch', () => {
  it.each([
    ['nothing', [], []],
    ['one', [10], [0]],
    ['as many records as a batch may have', [1, 1, 1, 1, 1], [0, 1, 2, 3]],
    ['exactly as many bytes as a batch may have', [50, 50, 1], [0, 1]],
    ['one byte more', [50, 51], [0]],
    ['a record larger than a batch: alone', [101, 1], [0]],
    ['a record larger than a batch, second: it waits', [1, 101], [0]],
  ])('%s', (_, sizes, expected) => {
    expect(ids(commitWith(sizes).take(0, 1000))).toEqual(expected);
  });
});

describe('when', () => {
  it.each([
    ['nothing waits', [], null],
    ['one lingers from its arrival on', [10], 1002],
    ['records enough: at once', [1, 1, 1, 1], 0],
    ['bytes enough: at once', [60, 40], 0],
  ])('%s', (_, sizes, due) => expect(commitWith(sizes).dueMs(0, 1001)).toBe(due));

  it('one batch in flight per partition', () => {
    const commit = commitWith([1, 1, 1, 1, 1]);
    commit.take(0, 1000);
    expect(commit.dueMs(0, 5000)).toBeNull();
    expect(() => commit.take(0, 5000)).toThrow('in flight');
    commit.stored(0);
    expect(ids(commit.take(0, 5000))).toEqual([4]);
  });
});

describe('ticks', () => {
  const tick = { id: -1, bytes: 10 };

  it('goes at once, and takes one of the places of a batch', () => {
    const commit = commitWith([1, 1, 1, 1]);
    commit.addTick(0, tick, 1500);
    expect(commit.dueMs(0, 1500)).toBe(0);
    expect(ids(commit.take(0, 1500))).toEqual([-1, 0, 1, 2]);
  });

  it('before a record that fills a batch alone', () => {
    const commit = commitWith([101]);
    commit.addTick(0, tick, 1500);
    expect(ids(commit.take(0, 1500))).toEqual([-1]);
    commit.stored(0);
    expect(ids(commit.take(0, 1500))).toEqual([0]);
  });

  it.each([
    ['in its second', 1999, [-1], 0],
    ['when its second has passed', 2000, [], 1],
  ])('%s', (_, nowMs, batch, dropped) => {
    const commit = commitWith([]);
    commit.addTick(0, tick, 1000);
    expect(ids(commit.take(0, nowMs))).toEqual(batch);
    expect(commit.ticksDropped).toBe(dropped);
    expect(commit.waitingRecords).toBe(batch.length);
  });
});

it('is at its cap by records and by bytes', () => {
  expect(commitWith(Array.from({ length: 9 }, () => 1)).atCap).toBe(false);
  expect(commitWith(Array.from({ length: 10 }, () => 1)).atCap).toBe(true);
  expect(commitWith([999]).atCap).toBe(false);
  expect(commitWith([1000]).atCap).toBe(true);
});

type Action = { kind: 'add'; bytes: number } | { kind: 'tick' } | { kind: 'send' } | { kind: 'stored' };
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), bytes: fc.integer({ min: 1, max: 130 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'send' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'stored' as const }) },
);

it('keeps the order, loses and doubles nothing, and stays within its bounds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(700), action), { maxLength: 200 }), (steps) => {
      const commit = new GroupCommit<Entry>(3, limits);
      const added: number[][] = [[], [], []];
      const stored: number[][] = [[], [], []];
      const flying = [false, false, false];
      let nowMs = 0;
      let next = 0;
      let waiting = 0;
      const send = (partition: number) => {
        const batch = commit.take(partition, nowMs);
        flying[partition] = batch.length > 0;
        expect(batch.length).toBeLessThanOrEqual(limits.batchRecordsMax);
        const bytes = batch.reduce((sum, entry) => sum + entry.bytes, 0);
        expect(batch.length <= 1 || bytes <= limits.batchBytesMax).toBe(true);
      };
      const settle = (partition: number) => {
        const batch = commit.stored(partition).filter(({ id }) => id >= 0);
        flying[partition] = false;
        waiting -= batch.length;
        stored[partition]!.push(...ids(batch));
      };
      for (const [partition, ms, { kind, ...rest }] of steps) {
        nowMs += ms;
        if (kind === 'add') {
          added[partition]!.push(next);
          waiting++;
          commit.add(partition, { id: next++, bytes: (rest as { bytes: number }).bytes }, nowMs);
        } else if (kind === 'tick') commit.addTick(partition, { id: -1, bytes: 5 }, nowMs);
        else if (kind === 'send' && commit.dueMs(partition, nowMs) !== null) send(partition);
        else if (kind === 'stored' && flying[partition]) settle(partition);
        const ticksFlying = commit.waitingRecords - waiting;
        expect(ticksFlying).toBeGreaterThanOrEqual(0);
        expect(ticksFlying).toBeLessThanOrEqual(3);
      }
      for (const partition of [0, 1, 2]) {
        if (flying[partition]) settle(partition);
        while (commit.dueMs(partition, nowMs) !== null) {
          send(partition);
          if (flying[partition]) settle(partition);
        }
      }
      expect(stored).toEqual(added);
      expect(commit.waitingRecords).toBe(0);
      expect(commit.waitingBytes).toBe(0);
    }),
  );
});
