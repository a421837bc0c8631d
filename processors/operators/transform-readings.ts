import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { TransformSet } from '../transforms/transform-set.ts';
import type { Step } from '../step.ts';

/**
 * Readings become what the configuration makes of them; those with nothing left are filtered. After duplicates are
 * dropped, which goes by what the device sent, and after each has its time, which sampling and deadbands go by.
 */
export function transformReadings(transforms: TransformSet): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    if (transforms.isEmpty) return step;
    for (const key of step.forgotten) transforms.forget(key);
    const { arrivals, readings, filtered } = step;
    let kept = 0;
    for (const arrival of arrivals) {
      const { key, origin } = arrival.reading;
      const transform = transforms.apply(arrival.reading);
      if (transform !== null) {
        filtered.push({ key, transform, origin });
        continue;
      }
      arrivals[kept] = arrival;
      readings[kept++] = arrival.reading;
    }
    arrivals.length = readings.length = kept;
    step.tallies.push(...transforms.takeTallies());
    return step;
  });
}
