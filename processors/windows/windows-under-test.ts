import type { FieldValue, Reading } from '../../events/reading.ts';
import type { WindowResult } from '../../events/window.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { testConfig } from '../test-log.ts';
import type { DeviceSlots } from './device-slots.ts';
import { WindowSet } from './window-set.ts';

/** For tests: windows fed by hand. */

const s = 1e6;
/** An hour that begins a UTC day, years after the epoch. */
export const baseUs = Date.UTC(2026, 5, 1) * 1e3;

export type WindowsInput = Parameters<typeof testConfig>[0] & {};

/** Windows as a person writes them. */
export function windowConfigs(...windows: NonNullable<WindowsInput['windows']>): readonly WindowConfig[] {
  return testConfig({ windows }).windows;
}

/** A reading of a message: seconds after `baseUs`, and a value of the field `t` or fields. */
export interface Sent {
  readonly key?: string;
  readonly atS: number;
  readonly value?: FieldValue;
  readonly fields?: Reading['fields'];
  readonly tags?: Reading['tags'];
}

/** A message: the log's clock and elapsed as seconds since `baseUs`, and readings. */
export interface Message {
  readonly nowS: number;
  readonly elapsedS?: number;
  readonly sent?: readonly Sent[];
}

export interface Outcome {
  readonly results: readonly WindowResult[];
  /** Readings that were late for a window. */
  readonly late: number;
}

/** Pushes messages through windows; sequences go on from `sequence`. @param device that of all readings */
export function push(
  windows: WindowSet,
  messages: readonly Message[],
  sequence = 1,
  device?: { windows: DeviceSlots | null },
): Outcome {
  const results: WindowResult[] = [];
  let late = 0;
  for (const [i, { nowS, elapsedS = nowS, sent = [] }] of messages.entries()) {
    const at = { nowUs: baseUs + Math.round(nowS * s), elapsedUs: Math.round(elapsedS * s) };
    const origin = { partition: 0, sequence: sequence + i, index: -1 };
    windows.advance(at, origin, results);
    for (const [index, one] of sent.entries()) {
      if (windows.add(readingOf(one, { ...origin, index }), at, results, device)) late++;
    }
    windows.revise(origin, results);
  }
  return { results, late };
}

/** One window over messages, and what came of it as `[start s, end s, count, revision]` of field `t`. */
export function lines(configs: readonly WindowConfig[], messages: readonly Message[], window = configs.at(-1)!.name) {
  const { results, late } = push(new WindowSet(configs, 0), messages);
  const own = results.filter((result) => result.window === window && result.field === 't');
  const row = ({ startUs, endUs, count, revision }: WindowResult) =>
    [(startUs - baseUs) / s, (endUs - baseUs) / s, count, revision] as const;
  return { rows: own.map(row), late, results: own };
}

/** One message for each time in seconds, which is the log's clock as well. */
export function each(...times: readonly number[]): Message[] {
  return times.map((atS) => ({ nowS: Math.max(atS, 0), sent: [{ atS }] }));
}

function readingOf({ key = 'd', atS, value = 1, fields, tags = {} }: Sent, origin: Reading['origin']): Reading {
  const timeUs = baseUs + Math.round(atS * s);
  return {
    key,
    device: key,
    timeUs,
    ownTime: true,
    fields: fields ?? { t: value },
    tags,
    receivedAtUs: timeUs,
    origin,
  };
}
