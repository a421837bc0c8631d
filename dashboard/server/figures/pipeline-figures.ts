import { takenReasons, type IngestReport, type Latency, type ProcessorsReport } from '../../../events/health.ts';
import type { AlertCounts, LiveFigures, PipelineFigures, QuarantineFigures } from '../../../events/pipeline.ts';
import { storagesOf, workersOf } from './by-partition.ts';
import { partitionLedgers, totalLedger } from './ledger-figures.ts';
import type { ReportBook } from './report-book.ts';

/** What the dashboard's server knows by itself. */
export interface OwnFigures {
  readonly nowUs: number | null;
  readonly configVersion: number | null;
  readonly devices: number;
  readonly stale: number;
  readonly alerts: AlertCounts;
  readonly quarantine: QuarantineFigures;
  readonly live: LiveFigures;
  readonly systemAlarms: readonly string[];
}

/** All figures of the way of a reading at the wall clock `atUs`, from the processes' reports. */
export function pipelineFigures(reports: ReportBook, own: OwnFigures, atUs: number): PipelineFigures {
  const ingests = reports.alive('ingest', atUs);
  const processors = reports.alive('processors', atUs);
  const publishes = reports.rate('ingest', (report) => report.publishes, atUs);
  const acknowledged = reports.rate('ingest', (report) => report.acknowledged, atUs);
  return {
    atUs,
    nowUs: own.nowUs,
    configVersion: own.configVersion,
    sensors: {
      connected: ingests.length === 0 ? null : sum(ingests, (report) => report.connections),
      devices: own.devices,
      stale: own.stale,
      acknowledgedShare: publishes === 0 ? null : Math.min(1, acknowledged / publishes),
    },
    ingest: ingestFigures(reports, ingests, publishes, atUs),
    log: logFigures(processors),
    processors: processorFigures(reports, processors, atUs),
    processorsHeardUs: reports.heardUs('processors'),
    influx: influxFigures(reports, processors, atUs),
    live: own.live,
    webhooks: webhookFigures(reports, processors, atUs),
    ledger: totalLedger(partitionLedgers(reports, atUs), reports.known('processors')),
    alerts: own.alerts,
    quarantine: own.quarantine,
    alarms: [
      ...new Set([...own.systemAlarms, ...processors.flatMap((report) => report.alarms.map(({ message }) => message))]),
    ],
  };
}

function ingestFigures(
  reports: ReportBook,
  ingests: readonly IngestReport[],
  publishesPerS: number,
  atUs: number,
): PipelineFigures['ingest'] {
  if (ingests.length === 0) return null;
  const refused: Record<string, number> = Object.create(null);
  for (const report of ingests)
    for (const [reason, count] of Object.entries(report.refused)) refused[reason] = (refused[reason] ?? 0) + count;
  return {
    publishesPerS,
    connections: sum(ingests, (report) => report.connections),
    waiting: sum(ingests, (report) => report.waiting),
    batchRecords: sum(ingests, (report) => report.batchRecords) / ingests.length,
    batchesPerS: reports.rate('ingest', (report) => report.batches, atUs),
    refusedPerS: reports.rate('ingest', (report) => refusedOf(report), atUs),
    refused,
    ack: worst(ingests.map((report) => report.ack)),
    store: worst(ingests.map((report) => report.store)),
    writable: ingests.every((report) => report.writable),
  };
}

function logFigures(processors: readonly ProcessorsReport[]): PipelineFigures['log'] {
  const log = processors.findLast((report) => report.log !== null)?.log;
  if (!log) return null;
  const partitions = workersOf(processors).length;
  const { bytes, maxBytes, messages, keptMs, fullInMs } = log;
  return { bytes, maxBytes, messages, keptMs, partitions, fullInMs };
}

function processorFigures(
  reports: ReportBook,
  processors: readonly ProcessorsReport[],
  atUs: number,
): PipelineFigures['processors'] {
  if (processors.length === 0) return null;
  const workers = workersOf(processors);
  const readingsPerS = reports.rate('processors', (report) => report.readings, atUs);
  const latePerS = reports.rate('processors', (report) => report.late, atUs);
  return {
    readingsPerS,
    workers: workers.filter((worker) => worker.stopped === '').length,
    lagMs: greatest(workers.map((worker) => worker.lagMs)),
    partitions: workers.map(({ partition, lagMs, pending, devices, stopped }) => ({
      partition,
      lagMs,
      pending,
      devices,
      stopped,
    })),
    lateShare: readingsPerS === 0 ? null : Math.min(1, latePerS / readingsPerS),
    quarantinedPerS: reports.rate('processors', (report) => total(report.quarantined), atUs),
    read: worst(processors.map((report) => report.read)),
  };
}

function influxFigures(
  reports: ReportBook,
  processors: readonly ProcessorsReport[],
  atUs: number,
): PipelineFigures['influx'] {
  if (processors.length === 0) return null;
  const down = processors.find((report) => report.influxError !== '');
  return {
    storedPerS: reports.rateBetween('processors', storedBetween, atUs),
    lagMs: greatest(storagesOf(processors).map((storage) => storage.lagMs)),
    write: worst(processors.map((report) => report.write)),
    error: down?.influxError ?? '',
    downSinceUs: down?.influxDownSinceUs ?? null,
    nextTryAtUs: down?.influxNextTryAtUs ?? null,
  };
}

function webhookFigures(
  reports: ReportBook,
  processors: readonly ProcessorsReport[],
  atUs: number,
): PipelineFigures['webhooks'] {
  if (processors.length === 0) return null;
  const webhooks = processors.flatMap((report) => report.webhooks);
  return {
    deliveredPerS: reports.rate('processors', (report) => sum(report.webhooks, (one) => one.delivered), atUs),
    total: webhooks.length,
    failing: webhooks.filter((webhook) => webhook.failing).length,
    waiting: sum(webhooks, (webhook) => webhook.waiting),
  };
}

/** By the partitions that the process had all the while: a ledger that comes along with one is no growth. */
function storedBetween(first: ProcessorsReport, last: ProcessorsReport): number {
  const before = new Map(first.storages.map(({ partition, ledger }) => [partition, ledger.stored]));
  return sum(last.storages, ({ partition, ledger }) => ledger.stored - (before.get(partition) ?? ledger.stored));
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((so, item) => so + of(item), 0);
}

function total(counts: Readonly<Record<string, number>>): number {
  return sum(Object.values(counts), (count) => count);
}

function greatest(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}

function refusedOf({ refused }: IngestReport): number {
  return sum(Object.entries(refused), ([reason, count]) => (takenReasons.has(reason) ? 0 : count));
}

/** Of several instances the slowest counts. */
function worst(latencies: readonly Latency[]): Latency {
  const of = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  return { p50: of(latencies.map(({ p50 }) => p50)), p99: of(latencies.map(({ p99 }) => p99)) };
}
