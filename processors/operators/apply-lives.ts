import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { KnownDevices } from '../decode/known-devices.ts';
import type { DeviceLives } from '../life/device-lives.ts';
import type { Step } from '../step.ts';

/** What people did with devices takes effect, before any reading of the message. */
export function applyLives(
  lives: DeviceLives,
  devices: KnownDevices,
  entriesMax: () => number,
): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    for (const record of step.records) {
      if (record.kind !== 'life') continue;
      const { operation } = record;
      const outcome = lives.apply(operation, step.sequence, entriesMax());
      step.lives.push({ operation, outcome });
      if (outcome !== 'done') continue;
      const { kind, key } = operation;
      if (kind === 'retire' || kind === 'revive') devices.retire(key, kind === 'retire');
      if (kind === 'retire') step.partings.push({ key, why: 'retired' });
      if (kind === 'erase') leave(step, devices, key, 'erased');
      // What the new hardware has sent as a device of its own stays stored under its key.
      if (kind === 'replace') leave(step, devices, operation.by, 'replaced');
    }
    return step;
  });
}

function leave(step: Step, devices: KnownDevices, key: string, why: 'erased' | 'replaced'): void {
  devices.drop(key);
  step.partings.push({ key, why });
  step.forgotten.push(key);
}
