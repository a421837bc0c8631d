import { percentileNames } from '../../events/window.ts';
import type { Origin } from '../../events/record.ts';
import type { Failure } from './check.ts';
import { placeOf } from './oracle/readings.ts';

/** Relative error that is allowed where a mean divides and a deviation takes a root; all else is exact. */
const tolerance = 1e-9;
const rounded = new Set(['mean', 'stddev', 'value', 'twa', 'rate']);
/** What a sketch may be off by, as a share of the value. */
const tolerances = new Map(percentileNames.map((name): [string, number] => [name, 0.01 + tolerance]));
/** So many different values are counted exactly, more estimated with a standard error of 6.3 %: five of these. */
const distinctExactMax = 256;
const distinctTolerance = 0.315;

/** Null: what is given is what is expected, in its order. */
export function compare(what: string, given: readonly object[], expected: readonly object[]): Failure | null {
  for (let n = 0; n < Math.max(given.length, expected.length); n++) {
    const difference = differenceIn(given[n], expected[n], '');
    if (difference === null) continue;
    const texts = [given[n], expected[n]].map((item) => JSON.stringify(item));
    const detail = `${n} of ${expected.length}: ${difference}\n  gives    ${texts[0]}\n  expected ${texts[1]}`;
    return { property: `${what} are those of the oracle`, detail };
  }
  return null;
}

/** Where what is given lacks or contradicts what is expected; it may hold more. */
function differenceIn(given: unknown, expected: unknown, path: string): string | null {
  if (typeof expected === 'object' && expected !== null) {
    if (typeof given !== 'object' || given === null) return `${path || 'it'} is ${JSON.stringify(given)}`;
    // The oracle has one number for a reading's place in its message.
    const isOrigin = path.endsWith('.origin');
    for (const [name, value] of Object.entries(expected)) {
      const found = isOrigin && name === 'index' ? placeOf(given as Origin) : (given as Record<string, unknown>)[name];
      const difference = differenceIn(found, value, `${path}.${name}`);
      if (difference !== null) return difference;
    }
    return null;
  }
  if (expected === undefined) return given === undefined ? null : 'there is one more';
  if (Object.is(given, expected)) return null;
  if (typeof given === 'number' && typeof expected === 'number') {
    const name = path.split('.').at(-1)!;
    const share = name === 'distinct' && expected > distinctExactMax ? distinctTolerance : tolerances.get(name);
    if (share !== undefined && Math.abs(given - expected) <= share * Math.abs(expected)) return null;
    const isRounded = rounded.has(name) || path.includes('.durations.');
    if (isRounded && Math.abs(given - expected) <= tolerance * Math.max(1, Math.abs(expected))) return null;
  }
  return `${path} is ${JSON.stringify(given)}, not ${JSON.stringify(expected)}`;
}
