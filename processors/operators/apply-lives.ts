import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { LifeOperation, LifeRecord, Origin } from '../../events/record.ts';
import type { KnownDevices } from '../decode/known-devices.ts';
import type { DeviceLives } from '../life/device-lives.ts';
import { passOn, type Passing } from '../life/passing.ts';
import type { Step } from '../step.ts';

/**
 * What people did with devices takes effect, before any reading of the message. Of what was passed on from other
 * partitions, what is there for the first time is told apart here.
 */
export function applyLives(
  lives: DeviceLives,
  devices: KnownDevices,
  passing: Passing,
  entriesMax: () => number,
): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { records } = step;
    for (let index = 0; index < records.length; index++) {
      const record = records[index]!;
      if (record.kind === 'life') apply(record, index);
      if (record.kind !== 'passed' || !(record.from === null || passing.take(record.from))) continue;
      if (record.record.kind === 'life') apply(record.record, index);
      else step.passed.push({ record, index });
    }
    return step;

    function apply({ operation, atUs }: LifeRecord, index: number): void {
      const elsewhere = lives.elsewhere(operation.key);
      const outcome = lives.apply(operation, step.sequence, entriesMax());
      step.lives.push({ operation, outcome });
      if (outcome !== 'done') return;
      part(step, devices, operation);
      const from: Origin = { partition: step.partition, sequence: step.sequence, index };
      for (const { to, told } of tellings(operation, step.partition, elsewhere))
        step.passedOn.push(passOn(to, from, { kind: 'life', atUs, operation: told }));
    }
  });
}

function part(step: Step, devices: KnownDevices, operation: LifeOperation): void {
  const { kind, key } = operation;
  if (kind === 'retire' || kind === 'revive') devices.retire(key, kind === 'retire');
  if (kind === 'retire') step.partings.push({ key, why: 'retired' });
  if (kind === 'erase') leave(step, devices, key, 'erased');
  // What the new hardware has sent as a device of its own stays stored under its key.
  if (kind === 'give') leave(step, devices, key, 'replaced');
  if (kind === 'replace' && operation.partition === undefined) leave(step, devices, operation.by, 'replaced');
}

/** What other partitions have to know of an operation. `elsewhere`: new hardware there that the device had before. */
function tellings(
  operation: LifeOperation,
  partition: number,
  elsewhere: ReturnType<DeviceLives['elsewhere']>,
): { readonly to: number; readonly told: LifeOperation }[] {
  const { kind, key } = operation;
  if (kind === 'give') {
    const { to, series } = operation;
    return [{ to: operation.partition, told: { kind: 'replace', key: to, by: key, series, partition } }];
  }
  if (kind === 'release')
    return [{ to: operation.partition, told: { kind: 'undo-replace', key: operation.to, by: key } }];
  const isDisplaced = kind === 'erase' || (kind === 'replace' && elsewhere?.key !== operation.by);
  if (elsewhere === null || !isDisplaced) return [];
  return [{ to: elsewhere.partition, told: { kind: 'release', key: elsewhere.key, to: key, partition } }];
}

function leave(step: Step, devices: KnownDevices, key: string, why: 'erased' | 'replaced'): void {
  devices.drop(key);
  step.partings.push({ key, why });
  step.forgotten.push(key);
}
