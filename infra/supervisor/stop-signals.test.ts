import { expect, test } from 'vitest';
import { listenForStop } from './stop-signals.ts';

test('one Ctrl-C that arrives three times counts once, a later one is the second', async () => {
  let nowMs = 1_000;
  let seconds = 0;
  const before = process.listenerCount('SIGINT');
  const stop = listenForStop(() => nowMs);
  stop.onSecondInterrupt(() => seconds++);
  // Handed to the listeners alone: the test runner's own process shall live.
  const interrupt = () => process.listeners('SIGINT').at(-1)!('SIGINT');

  interrupt();
  expect(await stop.first).toBe('SIGINT');
  interrupt();
  nowMs += 499;
  interrupt();
  expect(seconds).toBe(0);
  nowMs += 1;
  interrupt();
  expect(seconds).toBe(1);

  stop.dispose();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
