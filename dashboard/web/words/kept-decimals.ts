import { useRef } from 'preact/hooks';
import type { FieldValue } from '../../../events/reading.ts';
import { decimalsOf } from './numbers.ts';

/**
 * Decimals per name for values that change under the reader's eyes: the most that any value so far needed, so that
 * 90 after 90.1 is 90.0. Forgets names that are no longer among `values`.
 */
export function useKeptDecimals(values: ReadonlyMap<string, FieldValue | null>): ReadonlyMap<string, number> {
  const kept = useRef<ReadonlyMap<string, number>>(new Map());
  const next = new Map<string, number>();
  for (const [name, value] of values) {
    next.set(name, Math.max(kept.current.get(name) ?? 0, typeof value === 'number' ? decimalsOf(value) : 0));
  }
  kept.current = next;
  return next;
}
