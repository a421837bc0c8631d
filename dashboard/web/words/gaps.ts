import type { LogGap } from '../../../events/ledger.ts';
import { everyDigit } from './numbers.ts';
import { pluralCount } from './plurals.ts';

/** "messages 120 to 340 of partition 2 were removed before they were read" */
export function gapText({ cause, partition, from, to, messages }: LogGap): string {
  if (cause === 'never-arrived')
    return `${pluralCount(messages, 'batch', 'batches')} before message ${everyDigit(to)} of partition ${partition} never arrived`;
  if (from === to) return `message ${everyDigit(from)} of partition ${partition} was removed before it was read`;
  return `messages ${everyDigit(from)} to ${everyDigit(to)} of partition ${partition} were removed before they were read`;
}
