import { subjects } from '../../events/subjects.ts';
import type { HealthReport } from '../../events/health.ts';
import type { Bus } from '../bus/connection.ts';
import { publishCore, subscribeCore } from '../bus/core.ts';

const reportEveryMs = 1_000;

/** What every process says about itself, beside its own figures. */
export interface ProcessFacts {
  readonly instance: string;
  readonly pid: number;
  readonly startedAtUs: number;
  readonly atUs: number;
  readonly rssBytes: number;
}

/**
 * Publishes the report once a second until the signal is aborted. What it returns publishes once more: the last figures
 * of a process that stops.
 */
export function startReporting<P extends HealthReport['process']>(
  bus: Bus,
  process: P,
  report: () => Extract<HealthReport, { process: P }>,
  signal: AbortSignal,
): () => void {
  const send = () => {
    const value = report();
    publishCore(bus, subjects.health(process, value.instance), JSON.stringify(value));
  };
  if (signal.aborted) return send;
  send();
  const timer = setInterval(send, reportEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return send;
}

/** Calls with every report of every process. Returns the unsubscription. */
export function watchHealth(bus: Bus, onReport: (report: HealthReport) => void): () => void {
  return subscribeCore(bus, 'health.>', (data) => onReport(JSON.parse(Buffer.from(data).toString()) as HealthReport));
}

const startedAtUs = Math.round(performance.timeOrigin * 1000);

export function processFacts(instance: string): ProcessFacts {
  return {
    instance,
    pid: process.pid,
    startedAtUs,
    atUs: Date.now() * 1000,
    rssBytes: process.memoryUsage.rss(),
  };
}
