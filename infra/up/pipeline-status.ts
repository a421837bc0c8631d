import type { DashboardReport, HealthReport, IngestReport, ProcessorsReport } from '../../events/health.ts';
import { addLedgers, emptyLedger, type Ledger, ledgerDifference } from '../../events/ledger.ts';
import type { StatusFigures } from '../terminal/status-line.ts';

/** Rates are over this time. */
const rateWindowUs = 10_000_000;

interface Sample {
  readonly atUs: number;
  readonly count: number;
}

/** A counter that begins anew when its process does. */
class Rate {
  #samples: Sample[] = [];

  add(atUs: number, count: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && (count < last.count || atUs <= last.atUs)) this.#samples = [];
    this.#samples.push({ atUs, count });
    // The oldest one is the last beyond the window, so that the rate spans it.
    while (this.#samples.length > 2 && this.#samples[1]!.atUs <= atUs - rateWindowUs) this.#samples.shift();
  }

  perS(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || first === last) return 0;
    return ((last.count - first.count) * 1e6) / (last.atUs - first.atUs);
  }
}

/** What the reports of the processes say together. One instance of each is looked at: `up` runs one. */
export interface PipelineStatus {
  take(report: HealthReport): void;
  figures(upMs: number, alerts: number | null): StatusFigures;
  ledger(): Ledger | null;
  /** Sentences about what does not work now. */
  problems(): readonly string[];
  /** Bytes that the log grows by per second, null before that is known. */
  logBytesPerS(): number | null;
}

export function createPipelineStatus(): PipelineStatus {
  let ingest: IngestReport | null = null;
  let processors: ProcessorsReport | null = null;
  let dashboard: DashboardReport | null = null;
  const taken = new Rate();
  const stored = new Rate();
  const logMessages = new Rate();

  const ledger = (): Ledger | null => {
    if (processors === null || processors.storages.length === 0) return null;
    return processors.storages.map((storage) => storage.ledger).reduce(addLedgers, emptyLedger);
  };
  return {
    take(report) {
      if (report.process === 'ingest') {
        ingest = report;
        taken.add(report.atUs, report.publishes);
      } else if (report.process === 'processors') {
        processors = report;
        stored.add(report.atUs, ledger()?.stored ?? 0);
        if (report.log) logMessages.add(report.atUs, report.log.lastSequence);
      } else dashboard = report;
    },
    ledger,
    figures(upMs, alerts) {
      const parts = [...(processors?.workers ?? []), ...(processors?.storages ?? [])];
      const screen = dashboard?.screen;
      // Without a viewer nothing reaches a screen: then until it was processed.
      const latency = screen && screen.p50 !== null ? screen : processors?.read;
      const sums = ledger();
      return {
        inPerS: taken.perS(),
        storedPerS: stored.perS(),
        p50Ms: latency?.p50 ?? null,
        p99Ms: latency?.p99 ?? null,
        lagMs: Math.max(0, ...parts.map(({ lagMs }) => lagMs)),
        alerts,
        lost: sums === null ? 0 : Math.max(0, ledgerDifference(sums)),
        upMs,
      };
    },
    problems() {
      const found: string[] = [];
      if (ingest && !ingest.writable) found.push('the log takes no writes: nothing is acknowledged');
      if (processors === null) return found;
      if (processors.influxError !== '') found.push(processors.influxError);
      for (const { partition, stopped } of processors.workers)
        if (stopped !== '') found.push(`partition ${partition} is not processed: ${stopped}`);
      for (const { partition, stopped } of processors.storages)
        if (stopped !== '') found.push(`partition ${partition} is not stored: ${stopped}`);
      for (const { name, failing, lastError } of processors.webhooks)
        if (failing) found.push(`webhook ${name}: ${lastError}`);
      return [...found, ...processors.alarms];
    },
    logBytesPerS() {
      const log = processors?.log;
      const messagesPerS = logMessages.perS();
      if (!log || log.messages === 0 || messagesPerS === 0) return null;
      return (log.bytes / log.messages) * messagesPerS;
    },
  };
}
