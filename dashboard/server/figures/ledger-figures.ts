import type { LedgerAnswer } from '../../../events/api-intake.ts';
import type { ProcessorsReport } from '../../../events/health.ts';
import { addLedgers, emptyLedger, ledgerDifference } from '../../../events/ledger.ts';
import type { LedgerFigures } from '../../../events/pipeline.ts';

/**
 * The ledger of each partition: what storage counted up to its position, plus what the worker has read beyond it,
 * which is in flight. `late` is what the worker counted.
 */
export function partitionLedgers(reports: readonly ProcessorsReport[]): LedgerAnswer['partitions'] {
  const workers = reports.flatMap((report) => report.workers);
  const storages = reports.flatMap((report) => report.storages);
  return storages
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, ledger }) => {
      const worker = workers.find((one) => one.partition === partition);
      const unread = Math.max(0, (worker?.received ?? 0) - ledger.received);
      const whole = {
        ...ledger,
        received: ledger.received + unread,
        inFlight: ledger.inFlight + unread,
        late: worker?.late ?? ledger.late,
      };
      return { partition, ledger: whole, difference: ledgerDifference(whole) };
    });
}

/** The whole ledger, with the gaps that the workers found; null while no storage reports. */
export function totalLedger(
  partitions: LedgerAnswer['partitions'],
  reports: readonly ProcessorsReport[],
): LedgerFigures | null {
  if (partitions.length === 0) return null;
  const total = partitions.map(({ ledger }) => ledger).reduce(addLedgers, emptyLedger);
  const gaps = reports.flatMap((report) => report.workers.flatMap((worker) => worker.gaps));
  return {
    ...total,
    difference: ledgerDifference(total),
    gaps: gaps.toSorted((a, b) => a.untilUs - b.untilUs || a.partition - b.partition),
  };
}
