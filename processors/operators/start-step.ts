import { map, type OperatorFunction } from 'rxjs';
import type { LogClock } from '../clock/log-clock.ts';
import type { LogMessage, Step } from '../step.ts';

/** Reads the message's clock and begins its step. */
export function startStep(clock: LogClock): OperatorFunction<LogMessage, Step> {
  return map(({ partition, sequence, nowUs, records }) => ({
    partition,
    sequence,
    nowUs,
    elapsedUs: clock.read(nowUs, records),
    records,
    arrivals: [],
    received: 0,
    readings: [],
    quarantined: [],
    duplicates: [],
    filtered: [],
    tallies: [],
    late: [],
    changedDevices: [],
    windows: [],
    transitions: [],
    derived: [],
    failures: [],
  }));
}
