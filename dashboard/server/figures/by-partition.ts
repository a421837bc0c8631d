import type { ProcessorsReport, StorageReport, WorkerReport } from '../../../events/health.ts';

/**
 * The worker of each partition, whichever process has it. While a partition changes hands two reports may name it: the
 * later one counts. @param reports oldest first
 */
export function workersOf(reports: readonly ProcessorsReport[]): WorkerReport[] {
  return byPartition(reports.flatMap(({ workers }) => workers));
}

/** The storage of each partition. */
export function storagesOf(reports: readonly ProcessorsReport[]): StorageReport[] {
  return byPartition(reports.flatMap(({ storages }) => storages));
}

function byPartition<T extends { readonly partition: number }>(all: readonly T[]): T[] {
  const latest = new Map(all.map((one) => [one.partition, one]));
  return [...latest.values()].toSorted((a, b) => a.partition - b.partition);
}
