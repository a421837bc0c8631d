import type { Publication } from '../publication.ts';
import type { Random } from '../random.ts';

/** Readings that never leave their device. `onLost` counts them, since nobody else sees them. */
export function* dropSome(
  input: Iterable<Publication>,
  rate: number,
  random: Random,
  onLost: () => void,
): Generator<Publication> {
  for (const publication of input) {
    if (random() < rate) onLost();
    else yield publication;
  }
}
