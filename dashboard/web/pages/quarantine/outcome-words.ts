import type { QuarantineItem } from '../../../../events/api-intake.ts';
import { count } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';

/** What became of an item, in a few words; empty: it still stands. */
export function outcomeWords({ outcome, redriven }: Pick<QuarantineItem, 'outcome' | 'redriven'>): string {
  if (outcome === null) return redriven === undefined ? '' : 'redriven, refused again';
  const { of, readings, duplicate, filtered, quarantined, reason } = outcome;
  if (of.by === 'storage') return 'handed to storage again';
  const parts = [
    readings > 0 && `became ${plural(readings, 'reading')}`,
    duplicate > 0 && (readings === 0 ? 'was a reading already' : plural(duplicate, 'duplicate')),
    filtered > 0 && `${count(filtered)} filtered`,
    quarantined > 0 && `refused again, ${reason ?? ''}`,
  ];
  return parts.filter((text) => text !== false).join(', ');
}
