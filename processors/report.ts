import type { ProcessorsReport } from '../events/health.ts';
import { processFacts } from '../infra/health/reporting.ts';
import type { Alarms } from './alarms.ts';
import type { Figures } from './figures.ts';
import type { Storage } from './storage/storage.ts';
import type { Trimmer } from './trimmer/trimmer.ts';
import type { Webhooks } from './webhooks/webhooks.ts';
import type { PartitionWorker } from './worker/worker.ts';

export interface ReportSources {
  readonly instance: string;
  readonly figures: Figures;
  readonly workers: readonly PartitionWorker[];
  readonly storage: Storage;
  readonly webhooks: Webhooks;
  readonly trimmer: Trimmer;
  readonly alarms: Alarms;
}

/** How the processors stand now; without metrics. */
export function readReport(sources: ReportSources): ProcessorsReport {
  const { instance, figures, workers, storage, webhooks, trimmer, alarms } = sources;
  return {
    ...processFacts(instance),
    process: 'processors',
    workers: workers.map((worker) => worker.report()),
    ...storage.report(),
    readings: figures.readings,
    late: figures.late,
    quarantined: { ...figures.quarantined },
    read: figures.read.percentiles(Math.floor(performance.now() / 1000)),
    webhooks: webhooks.report(),
    windowsClosed: figures.windowsClosed,
    transitions: figures.transitions,
    forgotten: figures.forgotten,
    log: trimmer.logReport,
    alarms: alarms.list(),
  };
}
