import type { FleetReport, PositionReport, ProcessorsReport } from '../events/health.ts';
import { streams } from '../events/subjects.ts';
import { processFacts } from '../infra/health/reporting.ts';
import type { Alarms } from './alarms.ts';
import type { Figures } from './figures.ts';
import type { Storage } from './storage/storage.ts';
import { everyAlert, storageReader, webhooksReader } from './trimmer/position-book.ts';
import type { Trimmer } from './trimmer/trimmer.ts';
import type { Webhooks } from './webhooks/webhooks.ts';
import type { PartitionWorker } from './worker/worker.ts';

export interface ReportSources {
  readonly instance: string;
  readonly figures: Figures;
  readonly holds: readonly string[];
  readonly workers: readonly Pick<PartitionWorker, 'report' | 'position'>[];
  readonly fleet: { report(): FleetReport; readonly position: PositionReport } | null;
  readonly storage: Storage;
  /** Null while another process has them. */
  readonly webhooks: Webhooks | null;
  readonly trimmer: Trimmer | null;
  readonly alarms: Alarms;
}

/** How the processors stand now; without metrics. */
export function readReport(sources: ReportSources): ProcessorsReport {
  const { instance, holds, figures, workers, fleet, storage, webhooks, trimmer, alarms } = sources;
  return {
    ...processFacts(instance),
    process: 'processors',
    holds,
    positions: [
      ...workers.map(({ position }) => position),
      ...(fleet === null ? [] : [fleet.position]),
      ...storage.positions().map((one) => ({ reader: storageReader(one.subject), ...one })),
      ...(webhooks === null ? [] : [webhooksPosition(webhooks)]),
    ],
    fleet: fleet?.report() ?? null,
    workers: workers.map((worker) => worker.report()),
    ...storage.report(),
    readings: figures.readings,
    late: figures.late,
    quarantined: { ...figures.quarantined },
    read: figures.read.percentiles(Math.floor(performance.now() / 1000)),
    webhooks: webhooks?.report() ?? [],
    windowsClosed: figures.windowsClosed,
    transitions: figures.transitions,
    forgotten: figures.forgotten,
    log: trimmer?.logReport ?? null,
    alarms: alarms.list(),
  };
}

/** Of them all the one furthest back; without any, nothing is held back. */
function webhooksPosition(webhooks: Webhooks): PositionReport {
  const position = Math.min(Number.MAX_SAFE_INTEGER, ...webhooks.positions().values());
  return { reader: webhooksReader, stream: streams.alerts, subject: everyAlert, position };
}
