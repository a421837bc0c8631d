import { expect, test } from 'vitest';
import { createRestartPolicy, type RestartDecision } from './restart-policy.ts';

const bounds = { firstDelayMs: 500, maxDelayMs: 3_000, healthyAfterMs: 60_000, earlyDeathsMax: 5 };
const restart = (delayMs: number): RestartDecision => ({ kind: 'restart', delayMs });
const giveUp: RestartDecision = { kind: 'give-up' };

test.each([
  [
    'doubles up to the longest delay, then gives up',
    [0, 0, 0, 0, 0],
    [restart(500), restart(1000), restart(2000), restart(3000), giveUp],
  ],
  [
    'forgets early deaths after a healthy life',
    [10, 10, 60_000, 10],
    [restart(500), restart(1000), restart(500), restart(500)],
  ],
  ['one millisecond short of healthy is early', [59_999, 59_999], [restart(500), restart(1000)]],
  ['never gives up what lives long enough each time', Array(9).fill(60_000), Array(9).fill(restart(500))],
])('%s', (_, lives, decisions) => {
  const policy = createRestartPolicy(bounds);
  expect(lives.map((livedMs) => policy.died(livedMs))).toEqual(decisions);
});
