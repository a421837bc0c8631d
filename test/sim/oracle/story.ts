import type { WindowConfig } from '../../../infra/config/schema.ts';
import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import type { ExpectedWindow } from './window-results.ts';

/** What happened to one device, or one group of devices, while a window was in force. */
export interface Story {
  readonly window: WindowConfig;
  /** As it was at each moment: its times may have been edited. */
  readonly windowAt: (at: Moment) => WindowConfig;
  readonly key: string;
  /** A group of devices: the log's clock takes the place of their own, and of silence. */
  readonly isFleet: boolean;
  readonly moments: readonly Moment[];
  readonly readingsAt: ReadonlyMap<Moment, readonly Fate[]>;
  /** Moments at which it was forgotten. */
  readonly forgotten: ReadonlySet<Moment>;
  /** Moments at which messages were missing, of the whole partition: those that are known of at one. */
  readonly gapsAt: (at: Moment) => readonly Moment[];
  /** The greatest that the log's clock has been, us. */
  readonly clockUs: (at: Moment) => number;
}

/** What a window says of a device. */
export interface Outcome {
  readonly expected: readonly ExpectedWindow[];
  readonly late: readonly Fate[];
  /** What longer windows are folded from, in its order. */
  readonly turns?: readonly Turn[];
}

/** Something that long windows go by: a short one closed or changed, or all up to a time have closed. */
export interface Turn {
  readonly at: Moment;
  /** Of a message: time passes, its device is forgotten, then its readings come. */
  readonly phase: 'time' | 'forgotten' | 'reading';
  /** Of the record that it came with, else -1. */
  readonly index: number;
  /** A window that has closed, and the fields of which it has something new. */
  readonly part?: Part;
  /** All windows that end at or before it have closed. */
  readonly closedUpToUs: number;
}

export interface Part {
  readonly startUs: number;
  /** All readings in it, those of each window of readings by themselves, the earliest first. */
  readonly runs: readonly (readonly Fate[])[];
  readonly names: ReadonlySet<string>;
  readonly isHit: boolean;
  /** Late readings changed it: its result comes at the end of the message. */
  readonly isLate: boolean;
}

export const msToUs = (ms: number) => Math.round(ms * 1e3);

/** A reading with what a window takes of it; null: it has nothing of that. */
export function takenOf(window: WindowConfig, reading: Fate): Fate | null {
  const names = takenFields(window, reading);
  return names.length === 0
    ? null
    : { ...reading, fields: Object.fromEntries(names.map((name) => [name, reading.fields[name]!])) };
}

/** Numbers and booleans of the fields that the window names; texts only where something asked for counts them. */
export function takenFields({ fields, aggregates }: WindowConfig, reading: Fate): string[] {
  const texts = aggregates.includes('distinct') || aggregates.includes('duration');
  return Object.keys(reading.fields)
    .filter((name) => fields.includes('*') || fields.includes(name))
    .filter((name) => texts || typeof reading.fields[name] !== 'string');
}
