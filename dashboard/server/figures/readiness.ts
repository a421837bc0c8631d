import type { Readiness } from '../../../events/api.ts';
import { storagesOf, workersOf } from './by-partition.ts';
import type { ReportBook } from './report-book.ts';

/**
 * Whether the pipeline takes readings in and judges them: the log takes writes, an ingest process and every
 * partition's worker, in whichever process, reported within 5 s. InfluxDB or a webhook down is a degradation, not the end.
 */
export function readiness(
  reports: ReportBook,
  partitions: number,
  durability: Readiness['durability'],
  nowUs: number,
  natsConnected: boolean,
): Readiness {
  const reasons: string[] = [];
  const degraded: string[] = [];
  if (!natsConnected) reasons.push('NATS cannot be reached.');
  const ingests = reports.alive('ingest', nowUs);
  if (ingests.length === 0) reasons.push('Ingest has not reported for 5 s.');
  else if (!ingests.some((report) => report.writable)) reasons.push('The log takes no writes.');
  for (const { name, error } of ingests.flatMap(({ bridges }) => bridges ?? []))
    if (error !== '') degraded.push(`Bridge ${name}: ${error}`);
  const processors = reports.alive('processors', nowUs);
  const workers = workersOf(processors);
  const storages = storagesOf(processors);
  if (processors.length === 0) reasons.push('Processors have not reported for 5 s.');
  else
    for (let partition = 0; partition < partitions; partition++) {
      const worker = workers.find((one) => one.partition === partition);
      if (worker === undefined) reasons.push(`No worker reports for partition ${partition}.`);
      else if (worker.stopped !== '') reasons.push(`The worker of partition ${partition} stopped: ${worker.stopped}`);
    }
  for (const influxError of new Set(processors.map((report) => report.influxError)))
    if (influxError !== '') degraded.push(influxError);
  for (const { fleet } of processors)
    if (fleet !== null && fleet.stopped !== '') degraded.push(`The worker of the fleet stopped: ${fleet.stopped}`);
  for (const { partition, stopped } of storages)
    if (stopped !== '') degraded.push(`Storage of partition ${partition} stopped: ${stopped}`);
  for (const webhook of processors.flatMap((report) => report.webhooks))
    if (webhook.failing) degraded.push(`Webhook ${webhook.name} fails: ${webhook.lastError}`);
  return { ready: reasons.length === 0, durability, reasons, degraded };
}
