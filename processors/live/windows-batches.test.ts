import { expect, it } from 'vitest';
import type { WindowsBatch, WindowsNow } from '../../events/live.ts';
import type { WindowResult } from '../../events/window.ts';
import { batchCharsMax } from './live-batches.ts';
import { windowsBatches } from './windows-batches.ts';

const window = (chars: number) => ({ field: 'x'.repeat(chars) }) as unknown as WindowResult;
const item = (key: string, open: number, chars: number): WindowsNow => ({
  key,
  open: Array.from({ length: open }, () => window(chars)),
  closed: [],
});
const parsed = (batches: readonly string[]) => batches.map((json) => JSON.parse(json) as WindowsBatch);

it('is one message when it fits, and none when there is nothing', () => {
  expect(windowsBatches(1, [])).toEqual([]);
  expect(parsed(windowsBatches('fleet', [item('a', 2, 10)]))).toEqual([{ lane: 'fleet', items: [item('a', 2, 10)] }]);
});

it('splits what does not fit, without loss', () => {
  const items = Array.from({ length: 9 }, (_, i) => item(`k${i}`, 1, 100_000));
  const batches = windowsBatches(0, items);
  expect(batches.length).toBeGreaterThan(3);
  expect(Math.max(...batches.map((json) => json.length))).toBeLessThan(batchCharsMax + 200);
  expect(parsed(batches).flatMap((batch) => batch.items)).toEqual(items);
});

it('leaves out what one message cannot hold of one key', () => {
  const [batch] = parsed(windowsBatches(0, [item('a', 8, 100_000)]));
  expect(batch!.items[0]!.open).toHaveLength(2);
});
