import type { HistoryAnswer } from '../../../events/api.ts';
import type { StatePart } from './spec.ts';

type History = Pick<HistoryAnswer, 'kind' | 'timesUs' | 'values' | 'texts' | 'upToUs'>;
interface LiveText {
  readonly timeUs: number;
  readonly text: string;
}

/**
 * Stretches of one text (or, for booleans, true and false), in the order of time; a null ends one. Live texts after
 * the history's end follow. The last stretch goes up to `untilUs`.
 */
export function statePartsOf(history: History | null, live: readonly LiveText[], untilUs: number): StatePart[] {
  const upToUs = history?.upToUs ?? -Infinity;
  const points = (history?.timesUs ?? []).map((timeUs, i) => ({ timeUs, text: textAt(history!, i) }));
  points.push(...live.filter(({ timeUs }) => timeUs > upToUs).toSorted((a, b) => a.timeUs - b.timeUs));
  const orders = new Map<string, number>();
  const parts: StatePart[] = [];
  points.forEach(({ timeUs, text }, i) => {
    if (text === null) return;
    const to = Math.min(points[i + 1]?.timeUs ?? untilUs, untilUs) / 1e6;
    const last = parts.at(-1);
    if (last?.text === text && last.to >= timeUs / 1e6) {
      parts[parts.length - 1] = { ...last, to: Math.max(last.to, to) };
      return;
    }
    if (!orders.has(text)) orders.set(text, orders.size);
    parts.push({ from: timeUs / 1e6, to: Math.max(to, timeUs / 1e6), text, order: orders.get(text)! });
  });
  return parts;
}

function textAt(history: History, i: number): string | null {
  if (history.kind === 'text') return history.texts[i] ?? null;
  const value = history.values[i] ?? null;
  // Booleans are stored as 1 and 0; a mean between them is a bucket in which it changed.
  if (value === null) return null;
  return value === 1 ? 'true' : value === 0 ? 'false' : 'changing';
}
