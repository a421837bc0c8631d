import type { WindowResult } from '../../../events/window.ts';
import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import type { Step } from '../../../processors/step.ts';
import type { Failure } from '../check.ts';
import { msToUs } from './story.ts';

/**
 * Long windows against the short ones that they are folded from: the last result of each is the sum of the last results
 * of its parts, whatever came late. (When they close is not held against anything here.)
 */
export function againstParts(steps: readonly Step[], { windows }: ProcessingConfig): Failure | null {
  const results = steps.flatMap((step) => step.windows);
  const latest = new Map(results.map((one) => [[one.window, one.key, one.field, one.startUs].join('\n'), one]));
  const last = [...latest.values()];
  for (const { name, from, size } of windows) {
    if (from === undefined) continue;
    for (const long of last.filter(({ window }) => window === name)) {
      const parts = last.filter(
        (short) =>
          short.window === from &&
          short.key === long.key &&
          short.field === long.field &&
          short.startUs >= long.startUs &&
          short.startUs < long.startUs + msToUs(size!),
      );
      const sum = sumOf(parts);
      const names = Object.keys(sum) as (keyof typeof sum)[];
      const wrong = names.find((one) => sum[one] !== long[one]);
      if (wrong === undefined) continue;
      const detail = `${wrong} of ${JSON.stringify(long)}\n  is ${sum[wrong]} in its parts ${JSON.stringify(parts)}`;
      return { property: 'long windows are the sum of their parts', detail };
    }
  }
  return null;
}

function sumOf(parts: readonly WindowResult[]) {
  const numbers = parts.filter(({ sum }) => sum !== null).toSorted((a, b) => a.startUs - b.startUs);
  const none = numbers.length === 0;
  return {
    count: parts.reduce((sum, one) => sum + one.count, 0),
    sum: none ? null : numbers.reduce((sum, one) => sum + one.sum!, 0),
    min: none ? null : Math.min(...numbers.map(({ min }) => min!)),
    max: none ? null : Math.max(...numbers.map(({ max }) => max!)),
    first: none ? null : numbers[0]!.first,
    last: none ? null : numbers.at(-1)!.last,
  };
}
