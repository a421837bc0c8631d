import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { PipelineFigures } from '../../../events/pipeline.ts';

export interface ProcessMetrics {
  readonly process: string;
  readonly instance: string;
  readonly metrics: readonly unknown[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
}
interface Metric {
  readonly name: string;
  readonly type: string;
  readonly values: readonly Sample[];
}

/** Prometheus text of the whole pipeline: each process's own metrics under its name, and the figures of the pipeline. */
export async function prometheusText(processes: readonly ProcessMetrics[], figures: PipelineFigures): Promise<string> {
  const labelled = processes.map(({ process, instance, metrics }) =>
    (metrics as readonly Metric[]).filter(wellNamed).map((metric) => ({
      ...metric,
      values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, process, instance } })),
    })),
  );
  const own = (await figureRegistry(figures).getMetricsAsJSON()) as unknown as Metric[];
  return AggregatorRegistry.aggregate([...labelled, own] as never).metrics();
}

export const prometheusContentType = Registry.PROMETHEUS_CONTENT_TYPE;

/** prom-client's own gauges that end in `_total`, which Prometheus keeps for counters. */
function wellNamed(metric: Metric): boolean {
  return metric.type === 'counter' || !metric.name.endsWith('_total');
}

function figureRegistry(figures: PipelineFigures): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: number | null | undefined, labels: Record<string, string> = {}) => {
    if (value === null || value === undefined) return;
    const known = registry.getSingleMetric(name) as Gauge | undefined;
    const metric = known ?? new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] });
    metric.set(labels, value);
  };
  const { sensors, alerts, ledger, live, processors, influx, log, webhooks, quarantine } = figures;
  gauge('millrace_devices', 'Devices known to the dashboard.', sensors.devices);
  gauge(
    'millrace_devices_stale',
    'Devices that do not report: offline, stale or unknown, and not retired.',
    sensors.stale,
  );
  gauge('millrace_connections', 'MQTT connections.', sensors.connected);
  for (const severity of ['info', 'warning', 'critical'] as const)
    gauge('millrace_alerts_active', 'Alerts that are on.', alerts[severity], { severity });
  gauge('millrace_viewers', 'Browsers connected to the live feed.', live.viewers);
  for (const quantile of ['p50', 'p99'] as const)
    gauge(
      'millrace_screen_latency_seconds',
      'From arrival at ingest to the frame, over 10 s.',
      seconds(live.screen[quantile]),
      {
        quantile: quantile === 'p50' ? '0.5' : '0.99',
      },
    );
  if (ledger !== null)
    for (const state of ['received', 'stored', 'quarantined', 'duplicate', 'filtered', 'inFlight', 'late'] as const)
      gauge('millrace_ledger_readings', 'Readings by what became of them, since the log began.', ledger[state], {
        state: state === 'inFlight' ? 'in_flight' : state,
      });
  gauge(
    'millrace_ledger_difference',
    'Readings missing (positive) or counted twice; 0 is balanced.',
    ledger?.difference,
  );
  for (const { partition, lagMs } of processors?.partitions ?? [])
    gauge('millrace_worker_lag_seconds', "How far a partition's worker is behind the log's end.", lagMs / 1e3, {
      partition: `${partition}`,
    });
  gauge('millrace_storage_lag_seconds', "How far InfluxDB is behind the log's end.", seconds(influx?.lagMs));
  gauge('millrace_storage_up', 'InfluxDB takes writes.', influx && (influx.error === '' ? 1 : 0));
  gauge('millrace_log_bytes', 'Size of the log.', log?.bytes);
  gauge('millrace_log_max_bytes', 'Size at which the log takes no more writes.', log?.maxBytes);
  gauge('millrace_webhooks', 'Webhooks.', webhooks?.total);
  gauge('millrace_webhooks_failing', 'Webhooks whose last delivery failed.', webhooks?.failing);
  gauge('millrace_webhooks_waiting', 'Deliveries that wait.', webhooks?.waiting);
  gauge('millrace_unmatched_topics', 'Topics that match no template.', quarantine.unmatchedTopics);
  return registry;
}

function seconds(ms: number | null | undefined): number | null | undefined {
  return ms === null || ms === undefined ? ms : ms / 1e3;
}
