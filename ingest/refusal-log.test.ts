import { expect, it } from 'vitest';
import { RefusalLog } from './refusal-log.ts';

it('tells the first at once, what follows within a minute as one number, and nothing when it is over', () => {
  const log = new RefusalLog();
  expect(log.note('message-rate', 'a', 0)).toEqual({ reason: 'message-rate', who: 'a', times: 1 });
  expect(log.note('message-rate', 'b', 1)).toMatchObject({ who: 'b' });
  expect(log.note('byte-rate', 'a', 2)).toMatchObject({ reason: 'byte-rate' });
  for (let i = 0; i < 500; i++) expect(log.note('message-rate', 'a', 10 + i)).toBeNull();
  expect(log.due(59_999)).toEqual([]);
  expect(log.due(60_000)).toEqual([{ reason: 'message-rate', who: 'a', times: 500 }]);
  expect(log.note('message-rate', 'a', 60_001)).toBeNull();
  expect(log.due(120_000)).toEqual([{ reason: 'message-rate', who: 'a', times: 1 }]);
  expect(log.due(300_000)).toEqual([]);
  expect(log.note('message-rate', 'a', 300_001)).toMatchObject({ times: 1 });
});

it('a flood of names makes a bounded number of lines', () => {
  const log = new RefusalLog();
  let lines = 0;
  for (let i = 0; i < 100_000; i++) if (log.note('connection-rate', `10.0.${i}`, i % 1000) !== null) lines++;
  expect(lines).toBe(2_001);
  expect(log.due(60_999)).toEqual([{ reason: 'connection-rate', who: '(others)', times: 97_999 }]);
});
