import { keyText } from '../events/topics.ts';
import type { SimulatedDevice } from './fleet.ts';
import type { Publication } from './publication.ts';

export interface ScheduleOptions {
  readonly fleet: readonly SimulatedDevice[];
  /** Readings per second of the whole fleet. */
  readonly rate: number;
  readonly startUs: number;
  /** Without it there is no end. */
  readonly durationMs?: number | undefined;
}

/** The fleet's readings in the order they are due: device after device, evenly spread. */
export function* schedule({ fleet, rate, startUs, durationMs }: ScheduleOptions): Generator<Publication> {
  const addresses = fleet.map(({ site, name }) => ({ topic: `sensors/${site}/${name}`, key: keyText([site, name]) }));
  for (let n = 0; ; n++) {
    const dueMs = (n * 1000) / rate;
    if (durationMs !== undefined && dueMs >= durationMs) return;
    const device = fleet[n % fleet.length]!;
    const timeUs = startUs + Math.round(dueMs * 1000);
    const fields: Record<string, number> = {};
    for (const name in device.signals) fields[name] = rounded(device.signals[name]!(timeUs));
    yield { device: device.index, ...addresses[device.index]!, fields, timeUs, dueMs, faults: [] };
  }
}

/** Sensors have a resolution. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
