import type { DeviceSeries, Origin } from './record.ts';

/**
 * Stands among the results on `windows.<partition>` and `derived.<partition>`, behind all that came of a device before
 * it was erased: whoever stores them deletes what is stored of it.
 */
export interface DeviceErased {
  readonly erased: true;
  readonly key: string;
  readonly series: DeviceSeries;
  readonly origin: Origin;
}

export function isErased(item: unknown): item is DeviceErased {
  return typeof item === 'object' && item !== null && 'erased' in item;
}
