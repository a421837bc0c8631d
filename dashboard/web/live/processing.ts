import type { PipelineFigures } from '../../../events/pipeline.ts';

/** Whether the log is being read: what the page shows is made of it. */
export type Processing =
  | { readonly kind: 'running' }
  /** By the server's clock; null: nothing was heard since the server started, or of a partition it is not known. */
  | { readonly kind: 'stopped'; readonly sinceMs: number | null; readonly reason: string }
  | { readonly kind: 'behind'; readonly lagMs: number };

/** Lag from which the page says that what it shows is of then. */
export const behindFromMs = 10_000;

const running: Processing = { kind: 'running' };

/** @param partition of one device; without it the whole */
export function processingOf(figures: PipelineFigures | null, partition: number | null = null): Processing {
  if (figures === null) return running;
  const { processors, processorsHeardUs } = figures;
  if (processors === null)
    return { kind: 'stopped', sinceMs: processorsHeardUs === null ? null : processorsHeardUs / 1000, reason: '' };
  const own = processors.partitions.find((one) => one.partition === partition);
  if (own !== undefined && own.stopped !== '') return { kind: 'stopped', sinceMs: null, reason: own.stopped };
  const lagMs = own?.lagMs ?? processors.lagMs;
  return lagMs >= behindFromMs ? { kind: 'behind', lagMs } : running;
}

/** A report that is missed is noticed here before it is said: until then a chart would call it "no data". */
const missedAfterUs = 2_500_000;

/** What does not come is not processed, as far as can be told. */
export function isSilent(figures: PipelineFigures, partition: number | null): boolean {
  const { atUs, processorsHeardUs } = figures;
  if (processorsHeardUs !== null && atUs - processorsHeardUs > missedAfterUs) return true;
  return processingOf(figures, partition).kind === 'stopped';
}

/** For how long the log's clock has stood, us: reports come once a second, and are missed after 5. */
export function stoodUs({ processors, processorsHeardUs, atUs }: PipelineFigures): number {
  return processors === null && processorsHeardUs !== null ? Math.max(0, atUs - processorsHeardUs) : 0;
}
