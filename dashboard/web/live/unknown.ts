import { logNowMs } from './clock.ts';
import { figures, pulse } from './feed.ts';
import { isSilent, processingOf } from './processing.ts';
import { isLost } from './pulse.ts';

/** Why the page does not know how things stand; null: it knows. */
export type Unknown = 'lost' | 'stopped' | null;

/** @param partition of one device; without it the whole */
export function unknownNow(partition: number | null = null): Unknown {
  if (isLost(pulse.value)) return 'lost';
  return processingOf(figures.value, partition).kind === 'stopped' ? 'stopped' : null;
}

/** Since when it is so, as a part of a sentence. */
export const unknownSince = {
  lost: 'when the connection was lost',
  stopped: 'when processing stopped',
} as const;

/** From when on a chart knows nothing, by the log's clock, ms, and what stands in its hatch. */
export interface Blind {
  readonly sinceMs: number;
  readonly words: string;
}

/** Null: what a chart lacks was not sent. @param partition of the device; null for what spans partitions */
export function blindNow(partition: number | null): Blind | null {
  const now = pulse.value;
  if (now.kind === 'lost' && now.lastFrameMs !== null)
    return { sinceMs: logNowMs() - (Date.now() - now.lastFrameMs), words: 'not received' };
  const present = figures.value;
  if (present === null || !isSilent(present, partition)) return null;
  return { sinceMs: (present.nowUs ?? 0) / 1000, words: 'not processed' };
}
