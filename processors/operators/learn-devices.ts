import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { DeviceDirectory } from '../devices/device-directory.ts';
import type { Step } from '../step.ts';

/** Keeps what is known of each device: latest values, reporting intervals, how far its clock is off. */
export function learnDevices(directory: DeviceDirectory): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    for (const key of step.forgotten) directory.forget(key);
    const changed = new Set<string>();
    for (const { operation } of step.lives) if (directory.get(operation.key) !== null) changed.add(operation.key);
    for (const { reading, record, device } of step.arrivals) {
      if (directory.take(device, reading, record.topic, step.nowUs)) changed.add(reading.key);
    }
    step.changedDevices.push(...changed);
    return step;
  });
}
