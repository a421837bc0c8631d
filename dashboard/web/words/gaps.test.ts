import { expect, it } from 'vitest';
import type { LogGap } from '../../../events/ledger.ts';
import { gapText } from './gaps.ts';

const gap: LogGap = { partition: 2, cause: 'removed', from: 120, to: 340, messages: 221, sinceUs: 0, untilUs: 1 };

it.each<[Partial<LogGap>, string]>([
  [{}, 'messages 120 to 340 of partition 2 were removed before they were read'],
  [{ to: 120, messages: 1 }, 'message 120 of partition 2 was removed before it was read'],
  [{ cause: 'never-arrived', from: 7, to: 7, messages: 2 }, '2 batches before message 7 of partition 2 never arrived'],
  [{ cause: 'never-arrived', from: 7, to: 7, messages: 1 }, '1 batch before message 7 of partition 2 never arrived'],
])('%o', (over, text) => expect(gapText({ ...gap, ...over })).toBe(text));
