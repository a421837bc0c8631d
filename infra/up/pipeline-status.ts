import type { HealthReport } from '../../events/health.ts';
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

/** A process that has not reported for so long is not counted. */
const aliveMs = 5_000;

/** Something that does not work, in a sentence. Its id stays the same while the sentence changes. */
export interface Problem {
  readonly id: string;
  readonly text: string;
}

/** What the reports of the processes say together, however many there are of a kind. */
export interface PipelineStatus {
  take(report: HealthReport): void;
  figures(upMs: number, alerts: number | null): StatusFigures;
  ledger(): Ledger | null;
  /** What does not work now. */
  problems(): readonly Problem[];
  /** Bytes that the log grows by per second, null before that is known. */
  logBytesPerS(): number | null;
}

interface Taken {
  readonly report: HealthReport;
  readonly atMs: number;
}

export function createPipelineStatus(): PipelineStatus {
  const last = new Map<string, Taken>();
  /** By ingest process. */
  const taken = new Map<string, Rate>();
  /** The last that any process said of a partition: it has one ledger, wherever it is stored from. */
  const ledgers = new Map<number, Ledger>();
  const stored = new Rate();
  /** Since the first reports: what a ledger holds when it is first heard of was stored before. */
  let storedSince = 0;
  const logMessages = new Rate();

  const alive = <P extends HealthReport['process']>(process: P): Extract<HealthReport, { process: P }>[] => {
    const nowMs = performance.now();
    return [...last.values()]
      .filter(({ report, atMs }) => report.process === process && nowMs - atMs < aliveMs)
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ report }) => report as Extract<HealthReport, { process: P }>);
  };
  const ledger = (): Ledger | null =>
    ledgers.size === 0 ? null : [...ledgers.values()].reduce(addLedgers, emptyLedger);
  const logReport = () => alive('processors').findLast(({ log }) => log !== null)?.log ?? null;
  return {
    take(report) {
      last.set(`${report.process} ${report.instance}`, { report, atMs: performance.now() });
      if (report.process === 'ingest') {
        const rate = taken.get(report.instance) ?? new Rate();
        taken.set(report.instance, rate);
        rate.add(report.atUs, report.publishes);
      } else if (report.process === 'processors') {
        for (const { partition, ledger: next } of report.storages) {
          const before = ledgers.get(partition);
          if (before !== undefined) storedSince += Math.max(0, next.stored - before.stored);
          ledgers.set(partition, next);
        }
        stored.add(report.atUs, storedSince);
        if (report.log) logMessages.add(report.atUs, report.log.lastSequence);
      }
    },
    ledger,
    figures(upMs, alerts) {
      const processors = alive('processors');
      const parts = processors.flatMap(({ workers, storages, fleet }) => [
        ...workers,
        ...storages,
        ...(fleet ? [fleet] : []),
      ]);
      const screen = alive('dashboard').at(-1)?.screen;
      // Without a viewer nothing reaches a screen: then until it was processed.
      const latencies = screen && screen.p50 !== null ? [screen] : processors.map(({ read }) => read);
      const worst = (of: 'p50' | 'p99') => {
        const known = latencies.map((one) => one[of]).filter((ms) => ms !== null);
        return known.length === 0 ? null : Math.max(...known);
      };
      const sums = ledger();
      const ingests = alive('ingest');
      return {
        inPerS: ingests.reduce((sum, { instance }) => sum + taken.get(instance)!.perS(), 0),
        storedPerS: stored.perS(),
        p50Ms: worst('p50'),
        p99Ms: worst('p99'),
        lagMs: Math.max(0, ...parts.map(({ lagMs }) => lagMs)),
        alerts,
        lost: sums === null ? 0 : Math.max(0, ledgerDifference(sums)),
        upMs,
      };
    },
    problems() {
      const found = new Map<string, string>();
      const say = (text: string, id = text) => void found.set(id, text);
      if (alive('ingest').some(({ writable }) => !writable)) say('the log takes no writes: nothing is acknowledged');
      for (const { name, error } of alive('ingest').flatMap(({ bridges }) => bridges ?? []))
        if (error !== '') say(`bridge ${name}: ${error}`, `bridge ${name}`);
      for (const report of alive('processors')) {
        if (report.influxError !== '') say(report.influxError, 'influxdb');
        for (const { partition, stopped } of report.workers)
          if (stopped !== '') say(`partition ${partition} is not processed: ${stopped}`);
        for (const { partition, stopped } of report.storages)
          if (stopped !== '') say(`partition ${partition} is not stored: ${stopped}`);
        if (report.fleet && report.fleet.stopped !== '') say(`the fleet is not processed: ${report.fleet.stopped}`);
        for (const { name, failing, lastError } of report.webhooks)
          if (failing) say(`webhook ${name}: ${lastError}`, `webhook ${name}`);
        for (const { code, message } of report.alarms) say(message, code ?? message);
      }
      return [...found].map(([id, text]) => ({ id, text }));
    },
    logBytesPerS() {
      const log = logReport();
      const messagesPerS = logMessages.perS();
      if (!log || log.messages === 0 || messagesPerS === 0) return null;
      return (log.bytes / log.messages) * messagesPerS;
    },
  };
}
