import type { LedgerAnswer } from '../../../events/api-intake.ts';
import type { ProcessorsReport } from '../../../events/health.ts';
import { addLedgers, emptyLedger, ledgerDifference } from '../../../events/ledger.ts';
import type { LedgerFigures } from '../../../events/pipeline.ts';
import { storagesOf, workersOf } from './by-partition.ts';
import type { ReportBook } from './report-book.ts';

/**
 * The ledger of each partition: what storage counted up to its position, plus what the worker has read beyond it,
 * which is in flight. `late` is what the worker counted.
 * Those of processes that are gone count too, as long as any lives: while a partition changes hands nobody else
 * knows its ledger.
 */
export function partitionLedgers(book: ReportBook, nowUs: number): LedgerAnswer['partitions'] {
  const reports = book.alive('processors', nowUs).length === 0 ? [] : book.known('processors');
  const workers = workersOf(reports);
  return storagesOf(reports).map(({ partition, ledger }) => {
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
  const gaps = workersOf(reports).flatMap((worker) => worker.gaps);
  return {
    ...total,
    difference: ledgerDifference(total),
    gaps: gaps.toSorted((a, b) => a.untilUs - b.untilUs || a.partition - b.partition),
  };
}
