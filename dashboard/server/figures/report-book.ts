import type { HealthReport } from '../../../events/health.ts';
import type { ProcessStatus } from '../../../events/api.ts';

/** A process that did not report for so long is not alive (design: readiness). */
export const aliveUs = 5_000_000;
/** One that has been silent for so long is forgotten: it was replaced. */
const forgetUs = 60_000_000;
const processesMax = 50;
const rateWindowUs = 10_000_000;

interface Kept {
  /** Of the last 10 s, oldest first, all of one start of the process. */
  readonly reports: HealthReport[];
  metrics: readonly unknown[];
  receivedAtUs: number;
}

type ReportOf<P extends HealthReport['process']> = Extract<HealthReport, { process: P }>;

/** The latest reports of each process, and rates from them. */
export class ReportBook {
  readonly #processes = new Map<string, Kept>();
  readonly #heardUs = new Map<HealthReport['process'], number>();

  add(report: HealthReport, receivedAtUs: number): void {
    this.#heardUs.set(report.process, receivedAtUs);
    const id = `${report.process} ${report.instance}`;
    let kept = this.#processes.get(id);
    if (kept === undefined || kept.reports.at(-1)?.startedAtUs !== report.startedAtUs) {
      if (this.#processes.size >= processesMax) this.forget(receivedAtUs);
      if (kept === undefined && this.#processes.size >= processesMax) return;
      kept = { reports: [], metrics: [], receivedAtUs };
      this.#processes.set(id, kept);
    }
    kept.receivedAtUs = receivedAtUs;
    if (report.metrics !== undefined) kept.metrics = report.metrics;
    kept.reports.push(report);
    while (kept.reports.length > 1 && kept.reports[0]!.atUs < report.atUs - rateWindowUs) kept.reports.shift();
  }

  /** When any instance of a process reported last; null: never. */
  heardUs(process: HealthReport['process']): number | null {
    return this.#heardUs.get(process) ?? null;
  }

  /** Drops processes that have not reported for a minute. */
  forget(nowUs: number): void {
    for (const [id, { receivedAtUs }] of this.#processes)
      if (nowUs - receivedAtUs > forgetUs) this.#processes.delete(id);
  }

  /** The latest reports of the living instances of a process, the one heard last at the end. */
  alive<P extends HealthReport['process']>(process: P, nowUs: number): readonly ReportOf<P>[] {
    return this.#latest(process)
      .filter(({ receivedAtUs }) => nowUs - receivedAtUs <= aliveUs)
      .map(({ report }) => report);
  }

  /** The latest reports of all instances of a process that are remembered, also of those that are gone. */
  known<P extends HealthReport['process']>(process: P): readonly ReportOf<P>[] {
    return this.#latest(process).map(({ report }) => report);
  }

  #latest<P extends HealthReport['process']>(process: P): { report: ReportOf<P>; receivedAtUs: number }[] {
    const found: { report: ReportOf<P>; receivedAtUs: number }[] = [];
    for (const { reports, receivedAtUs } of this.#processes.values()) {
      const report = reports.at(-1);
      if (report?.process === process) found.push({ report: report as ReportOf<P>, receivedAtUs });
    }
    return found.toSorted((a, b) => a.receivedAtUs - b.receivedAtUs);
  }

  /** Sum over the living instances of how fast a counter grew in the last 10 s, per second. */
  rate<P extends HealthReport['process']>(process: P, counter: (report: ReportOf<P>) => number, nowUs: number): number {
    return this.rateBetween(process, (first, last) => counter(last) - counter(first), nowUs);
  }

  /** The same of what a counter cannot say by itself: by how much something grew between two reports of an instance. */
  rateBetween<P extends HealthReport['process']>(
    process: P,
    growth: (first: ReportOf<P>, last: ReportOf<P>) => number,
    nowUs: number,
  ): number {
    let perS = 0;
    for (const { reports, receivedAtUs } of this.#processes.values()) {
      const [first, last] = [reports[0], reports.at(-1)];
      if (first === undefined || last?.process !== process || nowUs - receivedAtUs > aliveUs) continue;
      const seconds = (last.atUs - first.atUs) / 1e6;
      const grown = growth(first as ReportOf<P>, last as ReportOf<P>);
      if (seconds > 0 && grown > 0) perS += grown / seconds;
    }
    return perS;
  }

  statuses(nowUs: number): readonly ProcessStatus[] {
    return [...this.#processes.values()].flatMap(({ reports, receivedAtUs }) => {
      const last = reports.at(-1);
      if (last === undefined) return [];
      const { process, instance, pid, startedAtUs, atUs, rssBytes } = last;
      return [{ process, instance, pid, startedAtUs, atUs, alive: nowUs - receivedAtUs <= aliveUs, rssBytes }];
    });
  }

  /** Metrics of the living processes, as `register.getMetricsAsJSON()` gave them. */
  metrics(
    nowUs: number,
  ): readonly { readonly process: string; readonly instance: string; readonly metrics: readonly unknown[] }[] {
    return [...this.#processes.values()].flatMap(({ reports, metrics, receivedAtUs }) => {
      const last = reports.at(-1);
      if (last === undefined || nowUs - receivedAtUs > aliveUs) return [];
      return [{ process: last.process, instance: last.instance, metrics }];
    });
  }
}
