import type { DeviceErased } from '../../events/erased.ts';
import type { Step } from '../step.ts';

/** The erasures of a step: behind all that it gives of these devices. */
export function erasedIn({
  lives,
  partition,
  sequence,
}: Pick<Step, 'lives' | 'partition' | 'sequence'>): DeviceErased[] {
  return lives.flatMap(({ operation, outcome }) => {
    if (operation.kind !== 'erase' || outcome !== 'done') return [];
    const { key, series } = operation;
    return [{ erased: true, key, series, origin: { partition, sequence, index: -1 } }];
  });
}
