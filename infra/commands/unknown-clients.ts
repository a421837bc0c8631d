import type { IngestReport } from '../../events/health.ts';
import type { Bus } from '../bus/connection.ts';
import { watchHealth } from '../health/reporting.ts';

/** Ingest reports once a second: all that run were heard by then. */
const withinMs = 2_500;

/**
 * How many clients are connected without a credential, over all ingest processes.
 * @param expected how many of them report; more may have joined
 * @returns null when none of them reports: ingest is down
 */
export async function unknownConnected(bus: Bus, expected: number): Promise<number | null> {
  const last = new Map<string, IngestReport>();
  const all = Promise.withResolvers<void>();
  const unsubscribe = watchHealth(bus, (report) => {
    if (report.process !== 'ingest') return;
    last.set(report.instance, report);
    if (last.size >= expected) all.resolve();
  });
  const timer = setTimeout(all.resolve, withinMs);
  await all.promise;
  clearTimeout(timer);
  unsubscribe();
  if (last.size === 0) return null;
  return [...last.values()].reduce((sum, { unknown }) => sum + unknown.connected, 0);
}
