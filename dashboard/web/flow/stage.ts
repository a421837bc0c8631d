import { duration } from '../words/durations.ts';

/** `strained` has an amber edge, `broken` a critical one; the row that says why has the same colour. */
export type Mood = 'fine' | 'strained' | 'broken';

export interface StageRow {
  readonly label: string;
  readonly value: string;
  readonly mood: Mood;
}

/** A stage of the way of a reading. */
export interface Stage {
  readonly name: string;
  readonly href: string | null;
  readonly mood: Mood;
  readonly rows: readonly StageRow[];
  /** What leaves it, /s; for a sink, what it takes. Null: unknown. */
  readonly perS: number | null;
  /** One line for a phone, and the figure at its right. */
  readonly line: string;
  readonly figure: string;
}

export const row = (label: string, value: string, mood: Mood = 'fine'): StageRow => ({ label, value, mood });
export const silentRow = row('does not report', '', 'broken');

/** Lag behind the log from which a stage strains, and from which it breaks its promise, ms. */
export const strainedLagMs = 5_000;
const brokenLagMs = 60_000;

export function lagMood(ms: number): Mood {
  if (ms >= brokenLagMs) return 'broken';
  return ms >= strainedLagMs ? 'strained' : 'fine';
}

export function timed(word: string, ms: number | null): string {
  return ms === null ? '' : `${word} ${duration(ms)}`;
}

/** Nothing was measured while nothing flows: then there is nothing to say. */
export function figureOf(ms: number | null): string {
  return ms === null ? '' : duration(ms);
}
