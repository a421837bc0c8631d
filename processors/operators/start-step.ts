import { map, type OperatorFunction } from 'rxjs';
import type { LogClock } from '../clock/log-clock.ts';
import type { KnownDevices } from '../decode/known-devices.ts';
import type { LogMessage, Step } from '../step.ts';

/** Reads the message's clock and begins its step: who was not heard of for `state.retain` is forgotten by it. */
export function startStep(clock: LogClock, devices: KnownDevices): OperatorFunction<LogMessage, Step> {
  return map(({ partition, sequence, nowUs, records }) => {
    const elapsedUs = clock.read(nowUs, records);
    return {
      partition,
      sequence,
      nowUs,
      elapsedUs,
      records,
      forgotten: devices.forget(elapsedUs),
      lives: [],
      partings: [],
      passed: [],
      passedOn: [],
      arrivals: [],
      received: 0,
      readings: [],
      quarantined: [],
      redriven: [],
      hasRedriven: false,
      duplicates: [],
      filtered: [],
      tallies: [],
      late: [],
      changedDevices: [],
      windows: [],
      transitions: [],
      derived: [],
      failures: [],
      leftOut: [],
      rebirths: [],
    };
  });
}
