import type { ConfigPath } from './problem.ts';
import { parseDurationMs } from './units.ts';

/** A part of the configuration as it is written: of no type yet. */
export type Entry = Readonly<Record<string, unknown>>;

export type Say = (path: ConfigPath, message: string) => void;

export function isZero(value: unknown): boolean {
  return typeof value === 'string' && parseDurationMs(value) === 0;
}

export function entries(value: unknown): [number, Entry][] {
  return Array.isArray(value) ? value.map((item, i): [number, Entry] => [i, entry(item)]) : [];
}

export function entry(value: unknown): Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : {};
}

export function names(list: readonly [number, Entry][]): string[] {
  return list.flatMap(([, { name }]) => (typeof name === 'string' ? [name] : []));
}
