import { expect, it } from 'vitest';
import type { LogRecord } from '../../events/record.ts';
import { LogClock } from './log-clock.ts';

const tick: LogRecord = { kind: 'tick', instance: 'i', atUs: 0 };
const second: LogRecord = { kind: 'tick', instance: 'i-2', atUs: 0 };
const control: LogRecord = { kind: 'control', version: 2, previous: 1, hash: '' };
const s = 1e6;

it.each<[string, [nowUs: number, records: LogRecord[]][], number[]]>([
  ['starts at zero, wherever the log begins', [[500 * s, []]], [0]],
  [
    'moves with the messages',
    [
      [0, [tick]],
      [s, [tick]],
      [1.5 * s, []],
    ],
    [0, s, 1.5 * s],
  ],
  [
    'at most 2 s between messages',
    [
      [0, [tick]],
      [60 * s, [tick]],
    ],
    [0, 2 * s],
  ],
  [
    'at most 2 s past a tick',
    [
      [0, [tick]],
      [1.5 * s, []],
      [3 * s, []],
      [4.5 * s, []],
    ],
    [0, 1.5 * s, 2 * s, 2 * s],
  ],
  [
    'a tick moves nothing by itself',
    [
      [0, []],
      [1.5 * s, []],
      [3 * s, [tick]],
      [4 * s, []],
    ],
    [0, 1.5 * s, 2 * s, 3 * s],
  ],
  [
    'two ingest processes tick: a second is a second',
    [
      [0, [tick]],
      [0.5 * s, [second]],
      [s, [tick]],
      [1.5 * s, [second]],
    ],
    [0, 0.5 * s, s, 1.5 * s],
  ],
  [
    'one of them pauses: time goes on by the ticks of the other; both: it stands still',
    [
      [0, [tick, second]],
      [s, [second]],
      [3 * s, [second]],
      [5 * s, []],
      [7 * s, []],
    ],
    [0, s, 3 * s, 5 * s, 5 * s],
  ],
  [
    'steps back',
    [
      [10 * s, [tick]],
      [9 * s, [tick]],
      [10 * s, [tick]],
    ],
    [0, 0, s],
  ],
  [
    'a control message stands outside',
    [
      [0, [tick]],
      [s, [control]],
      [1.5 * s, []],
    ],
    [0, 0, 1.5 * s],
  ],
])('%s', (_what, messages, expected) => {
  const clock = new LogClock();
  const copies = messages.map(
    ([nowUs, records]) => [clock.read(nowUs, records), new LogClock(clock.snapshot())] as const,
  );
  expect(copies.map(([elapsedUs]) => elapsedUs)).toEqual(expected);
  expect(copies.map(([, copy]) => copy.elapsedUs)).toEqual(expected);
});
