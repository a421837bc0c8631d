import { expect, it } from 'vitest';
import { checkpointEveryMs, checkpointReadingsMax } from './checkpoint-due.ts';
import { CheckpointTiming } from './checkpoint-timing.ts';

it('is due by time or readings since the last one was taken, and later after one that took long', () => {
  let nowMs = 0;
  const timing = new CheckpointTiming(() => nowMs);
  const dueAt = (ms: number) => ((nowMs = ms), timing.isDue);
  expect([dueAt(checkpointEveryMs - 1), dueAt(checkpointEveryMs)]).toEqual([false, true]);
  expect(timing.take(() => null)).toBeNull();
  expect(timing.isDue).toBe(true);
  expect(timing.take(() => 'state')).toBe('state');
  expect(timing.isDue).toBe(false);
  timing.read(checkpointReadingsMax - 1);
  expect(timing.isDue).toBe(false);
  timing.read(1);
  expect(timing.isDue).toBe(true);
  const beganMs = nowMs;
  timing.take(() => (nowMs += 200));
  expect([dueAt(beganMs + 200 + 7_999), dueAt(beganMs + 200 + 8_000)]).toEqual([false, true]);
});

it('of another time between two', () => {
  let nowMs = 0;
  const timing = new CheckpointTiming(() => nowMs, 5);
  nowMs = 5;
  expect(timing.isDue).toBe(true);
});
