import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { logNowMs, serverNowMs, setClocks } from './clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('both clocks go on from what was heard', () => {
  setClocks(5_000_000, 7_000_000);
  vi.advanceTimersByTime(300);
  expect([logNowMs(), serverNowMs()]).toEqual([5_300, 7_300]);
  setClocks(5_900_000, 8_000_000);
  expect([logNowMs(), serverNowMs()]).toEqual([5_900, 8_000]);
});

it('without a log clock the server counts', () => {
  setClocks(null, 7_000_000);
  vi.advanceTimersByTime(1_000);
  setClocks(null, 8_000_000);
  expect(logNowMs()).toBe(8_000);
});

it('ages grow while the log clock stands', () => {
  setClocks(5_000_000, 7_000_000);
  for (const atUs of [8_000_000, 9_000_000]) {
    vi.advanceTimersByTime(1_000);
    setClocks(5_000_000, atUs);
  }
  expect([logNowMs(), serverNowMs()]).toEqual([7_000, 9_000]);
});

it('ages begin with what the log clock has stood already', () => {
  setClocks(6_000_000, 10_000_000, 3_000_000);
  vi.advanceTimersByTime(500);
  expect(logNowMs()).toBe(9_500);
});
