import type { Bus } from '../infra/bus/connection.ts';
import { watchHealth } from '../infra/health/reporting.ts';
import type { Alarms } from './alarms.ts';

/** Without a report of any ingest process for so long, ingest counts as down. It reports once a second. */
const silenceMaxMs = 10_000;
const checkEveryMs = 1_000;

/** Raises an alarm while no ingest process reports: the log's time stands still then, so no rule can tell of it. */
export function watchIngest(bus: Bus, alarms: Alarms, signal: AbortSignal): void {
  let lastMs = performance.now();
  const unsubscribe = watchHealth(bus, (report) => {
    if (report.process !== 'ingest') return;
    lastMs = performance.now();
    alarms.set('INGEST_DOWN', null);
  });
  const timer = setInterval(() => {
    // While the link to NATS is down nobody can be heard, and nothing is known.
    if (!bus.connected) lastMs = performance.now();
    if (performance.now() - lastMs > silenceMaxMs)
      alarms.set(
        'INGEST_DOWN',
        'Ingest does not report: sensors cannot publish, and silence means nothing until it is back.',
      );
  }, checkEveryMs);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    unsubscribe();
  });
}
