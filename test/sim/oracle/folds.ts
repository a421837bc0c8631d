import type { WindowResult } from '../../../events/window.ts';
import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import type { Step } from '../../../processors/step.ts';
import type { Failure } from '../check.ts';
import { msToUs } from './story.ts';

/**
 * Long windows against the short ones that they are folded from, after each message: where a short one has closed that
 * ends with the long one or later, the long one has a result, and its last is the sum of the last results of its parts.
 * (That it does not close before is not held against anything.)
 */
export function againstParts(steps: readonly Step[], { windows }: ProcessingConfig): Failure | null {
  const folds = windows.filter(({ from }) => from !== undefined);
  if (folds.length === 0) return null;
  /** The last result of each window and field, by window and key. */
  const latest = new Map<string, Map<string, WindowResult>>();
  const of = (window: string, key: string) => latest.get(`${window}\n${key}`) ?? new Map<string, WindowResult>();
  for (const { windows: results, sequence } of steps) {
    for (const one of results) {
      const own = of(one.window, one.key);
      latest.set(`${one.window}\n${one.key}`, own.set(`${one.field}\n${one.startUs}`, one));
    }
    for (const key of new Set(results.map((one) => one.key)))
      for (const { name, from, size } of folds) {
        const problem = against(of(name, key), [...of(from!, key).values()], msToUs(size!));
        if (problem === null) continue;
        const detail = `after message ${sequence}, ${name} of ${key}: ${problem}`;
        return { property: 'long windows are the sum of their parts', detail };
      }
  }
  return null;
}

function against(long: ReadonlyMap<string, WindowResult>, short: WindowResult[], sizeUs: number): string | null {
  const closedUpToUs = Math.max(...short.map(({ endUs }) => endUs));
  const parts = Map.groupBy(short, ({ field, startUs }) => `${field}\n${Math.floor(startUs / sizeUs) * sizeUs}`);
  for (const [id, own] of parts) {
    if ((Math.floor(own[0]!.startUs / sizeUs) + 1) * sizeUs > closedUpToUs) continue;
    const [sum, result] = [sumOf(own), long.get(id)];
    const wrong = (Object.keys(sum) as (keyof typeof sum)[]).find((name) => sum[name] !== result?.[name]);
    if (wrong !== undefined)
      return `${wrong} is ${sum[wrong]} in ${JSON.stringify(own)}\n  and of ${JSON.stringify(result)}`;
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
