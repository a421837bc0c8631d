import type { Publication } from '../publication.ts';
import { mix, randomSequence } from '../random.ts';
import { malformSome, skewSome, straySome } from './change-some.ts';
import { delaySome, duplicateSome, reorderSome } from './delay-some.ts';
import { dropSome } from './drop-some.ts';
import { type FaultName, faultNames, type FaultRates } from './fault-names.ts';

/** Puts faults into a stream of readings, at the rates given, always the same for the same seed. */
export function applyFaults(
  readings: Iterable<Publication>,
  rates: FaultRates,
  seed: number,
  onLost: () => void,
): Iterable<Publication> {
  const random = (fault: FaultName) => randomSequence(mix(seed, Object.keys(faultNames).indexOf(fault)));
  let stream = readings;
  if (rates.skewed) stream = skewSome(stream, rates.skewed, seed);
  if (rates.lost) stream = dropSome(stream, rates.lost, random('lost'), onLost);
  if (rates.malformed) stream = malformSome(stream, rates.malformed, random('malformed'));
  if (rates.stray) stream = straySome(stream, rates.stray, random('stray'));
  if (rates.reordered) stream = reorderSome(stream, rates.reordered, random('reordered'));
  if (rates.duplicated) stream = duplicateSome(stream, rates.duplicated, random('duplicated'));
  if (rates.late) stream = delaySome(stream, rates.late, random('late'));
  return stream;
}
