import type { IngestReport } from '../events/health.ts';
import { processFacts } from '../infra/health/reporting.ts';
import type { AccessControl } from './access/access-control.ts';
import type { Strangers } from './access/strangers.ts';
import type { Bridges } from './bridge/bridges.ts';
import type { Broker } from './broker.ts';
import type { LogWriter } from './log-writer.ts';
import type { IngestMetrics } from './metrics.ts';
import type { Refusals } from './refusals.ts';

/** Metrics go with every so many-th report. */
const metricsEvery = 5;

export interface ReportSources {
  readonly instance: string;
  readonly broker: Broker;
  readonly bridges: Bridges;
  readonly writer: LogWriter;
  readonly metrics: IngestMetrics;
  readonly refusals: Refusals;
  readonly access: AccessControl;
  readonly strangers: Strangers;
  writable(): boolean;
}

/** Makes ingest's report, to be called once a second. */
export function createReport(sources: ReportSources): () => IngestReport {
  const { instance, broker, bridges, writer, metrics, refusals, access, strangers, writable } = sources;
  let reports = 0;
  let collected: readonly unknown[] | null = null;
  return () => {
    // Collecting is asynchronous: what is collected now goes with the next report.
    if (reports++ % metricsEvery === 0)
      void metrics.registry.getMetricsAsJSON().then((values) => (collected = values as readonly unknown[]));
    const report: IngestReport = {
      ...processFacts(instance),
      process: 'ingest',
      writable: writable(),
      connections: broker.connections,
      publishes: metrics.publishes,
      acknowledged: metrics.acknowledged,
      waiting: writer.waiting,
      batches: metrics.batches,
      refused: refusals.counts,
      asksWho: access.hasCredentials,
      unknown: { connected: broker.anonymousConnections, refused: strangers.count(performance.now()) },
      bridges: bridges.reports,
      ...metrics.latencies(),
      ...(collected === null ? {} : { metrics: collected }),
    };
    collected = null;
    return report;
  };
}
