import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { PresenceBook } from '../presence/presence-book.ts';
import type { Step } from '../step.ts';

/** Who is there, goes and comes. Behind `learnDevices`, which knows how often each sends. */
export function judgePresence(presence: PresenceBook): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const changed = new Set<string>();
    for (const key of step.forgotten) presence.forget(key);
    presence.advance(step, changed);
    const { nowUs, elapsedUs } = step;
    for (const { reading, record, device, payload } of step.arrivals) {
      // What is there again says nothing of now.
      if (record.redriven !== undefined) continue;
      const eventIntervalUs = device.memory!.intervalUs;
      const heard = { connection: record.connection, nowUs, elapsedUs, said: payload.presence, eventIntervalUs };
      if (presence.hear(device, reading.key, heard)) changed.add(reading.key);
    }
    // What a connection carried stands before its end in the log.
    presence.end(step.records, step, changed);
    for (const { record } of step.passed) presence.end([record.record], step, changed);
    if (changed.size === 0) return step;
    for (const key of step.changedDevices) changed.add(key);
    step.changedDevices.length = 0;
    // In one order, whatever that was in which deadlines and connections were kept.
    step.changedDevices.push(...[...changed].toSorted());
    return step;
  });
}
