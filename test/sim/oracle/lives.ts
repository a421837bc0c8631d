import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import type { Moment } from './log-time.ts';

/** A part of the configuration in the time in which it was in force unchanged. */
export interface Life<Part> {
  readonly part: Part;
  readonly moments: readonly Moment[];
  /** The moment at which it was no longer in force; null when it is to the end. */
  readonly ended: Moment | null;
}

/** Each part that was in force at some time, once for each time that it came: unchanged it goes on, changed it is new. */
export function livesOf<Part>(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  partsOf: (config: ProcessingConfig) => readonly Part[],
): Life<Part>[] {
  const texts = configs.map((config) => partsOf(config).map((part) => ({ part, text: sortedJson(part) })));
  const lives: { part: Part; text: string; moments: Moment[]; ended: Moment | null }[] = [];
  for (const moment of moments) {
    const present = texts[moment.config]!;
    for (const life of lives)
      if (life.ended === null && !present.some(({ text }) => text === life.text)) life.ended = moment;
    for (const { part, text } of present) {
      const life = lives.find((other) => other.ended === null && other.text === text);
      if (life === undefined) lives.push({ part, text, moments: [moment], ended: null });
      else life.moments.push(moment);
    }
  }
  return lives;
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .map(([name, item]) => `${JSON.stringify(name)}:${sortedJson(item)}`)
    .toSorted()
    .join()}}`;
}
