import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ProcessorsReport } from '../events/health.ts';
import type { Figures } from './figures.ts';
import type { Tally } from './transforms/transform.ts';

/** `millrace_processors_*`, read from the figures and the report when they are collected. */
export function createMetrics(figures: Figures, report: () => ProcessorsReport): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `millrace_processors_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const byLabel = (label: string, name: string, help: string, read: () => Readonly<Record<string, number>>) =>
    new Counter({
      name: `millrace_processors_${name}`,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  counter('messages_total', 'Messages of the log processed.', () => figures.messages);
  counter('readings_total', 'Readings, each once.', () => figures.readings);
  counter('duplicates_total', 'Readings dropped because they came before.', () => figures.duplicates);
  counter('late_total', 'Readings that came after a window of theirs had closed.', () => figures.late);
  counter('windows_total', 'Windows closed.', () => figures.windowsClosed);
  counter('transitions_total', 'Transitions of rules.', () => figures.transitions);
  counter('forgotten_devices_total', 'Devices not heard of for state.retain.', () => figures.forgotten);
  counter('checkpoints_total', 'Checkpoints of workers saved.', () => figures.checkpoints);
  counter('group_readings_left_out_total', 'Readings beyond the groups of a window or join.', () => {
    return report().fleet?.leftOut ?? 0;
  });
  byLabel('reason', 'quarantined_total', 'Publishes set aside, by reason.', () => figures.quarantined);
  const byTransform = (name: string, help: string, of: keyof Tally) =>
    byLabel('transform', name, help, () =>
      Object.fromEntries(Object.entries(figures.transforms).map(([transform, tally]) => [transform, tally[of]])),
    );
  byTransform('filtered_total', 'Readings that a transform left nothing of.', 'filtered');
  byTransform('fields_left_out_total', 'Values that a transform left out.', 'fields');
  byTransform('not_finite_total', 'Results of a transform that were no finite number.', 'notFinite');
  byTransform('unmatched_total', 'Readings that a transform found no row of its table for.', 'unmatched');

  const perPartition = (name: string, help: string, read: () => readonly { partition: number; value: number }[]) =>
    new Gauge({
      name: `millrace_processors_${name}`,
      help,
      labelNames: ['partition'],
      registers,
      collect() {
        // Partitions come and go with their leases.
        this.reset();
        for (const { partition, value } of read()) this.set({ partition }, value);
      },
    });
  perPartition('worker_lag_seconds', 'How far a worker is behind the end of the log.', () =>
    report().workers.map(({ partition, lagMs }) => ({ partition, value: lagMs / 1000 })),
  );
  perPartition('worker_running', 'A worker runs (1) or has stopped (0).', () =>
    report().workers.map(({ partition, stopped }) => ({ partition, value: stopped === '' ? 1 : 0 })),
  );
  perPartition('worker_devices', 'Devices a worker knows.', () =>
    report().workers.map(({ partition, devices }) => ({ partition, value: devices })),
  );
  perPartition('storage_lag_seconds', 'How far storage is behind the end of the log.', () =>
    report().storages.map(({ partition, lagMs }) => ({ partition, value: lagMs / 1000 })),
  );
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `millrace_processors_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('influx_up', 'InfluxDB takes writes (1) or not (0).', () => (report().influxError === '' ? 1 : 0));
  gauge('log_bytes', 'Size of the log.', () => report().log?.bytes ?? 0);
  return registry;
}
