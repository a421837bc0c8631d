import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import type { Moment } from './log-time.ts';

/** A part of the configuration in the time in which it was in force unchanged. */
export interface Life<Part> {
  readonly part: Part;
  readonly moments: readonly Moment[];
  /** What it was at each of these: another one where it was kept over an edit. */
  readonly parts: ReadonlyMap<Moment, Part>;
  /** The moment at which it was no longer in force; null when it is to the end. */
  readonly ended: Moment | null;
}

/**
 * Each part that was in force at some time, once for each time that it came: unchanged it goes on, changed it is new,
 * unless state is kept and it `goesOn` as the changed one.
 */
export function livesOf<Part>(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  partsOf: (config: ProcessingConfig) => readonly Part[],
  goesOn: (before: Part, after: Part) => boolean = () => false,
): Life<Part>[] {
  const texts = configs.map((config) => partsOf(config).map((part) => ({ part, text: sortedJson(part) })));
  const lives: { part: Part; text: string; moments: Moment[]; parts: Map<Moment, Part>; ended: Moment | null }[] = [];
  for (const moment of moments) {
    const present = texts[moment.config]!;
    const living = lives.filter(({ ended }) => ended === null);
    const fresh = present.filter(({ text }) => !living.some((life) => life.text === text));
    for (const life of living) {
      if (present.some(({ text }) => text === life.text)) continue;
      const next = moment.keeps ? fresh.find(({ part }) => goesOn(life.part, part)) : undefined;
      if (next === undefined) life.ended = moment;
      else Object.assign(life, next);
    }
    for (const { part, text } of present) {
      const life = lives.find((other) => other.ended === null && other.text === text);
      if (life === undefined)
        lives.push({ part, text, moments: [moment], parts: new Map([[moment, part]]), ended: null });
      else {
        life.moments.push(moment);
        life.parts.set(moment, part);
      }
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
