import { join } from 'node:path';
import type { ProcessorsReport } from '../../events/health.ts';
import { connectBus, type Bus } from '../../infra/bus/connection.ts';
import { watchHealth } from '../../infra/health/reporting.ts';
import { loadNatsUsers } from '../../infra/servers/nats-config.ts';
import type { Millrace } from '../millrace.ts';

/** A report older than this says nothing of now; they come once a second. */
const freshMs = 3_000;

/** Which process does what, from what the processes report. */
export interface ProcessView extends AsyncDisposable {
  readonly bus: Bus;
  /** By instance, what it says that it holds. */
  holds(): ReadonlyMap<string, readonly string[]>;
  /** The instance that holds a lease; null when none or several say so. */
  holderOf(lease: string): string | null;
  pidOf(instance: string): number;
  /** Partitions of each instance that reports. */
  spread(): number[];
}

export async function viewProcesses(millrace: Millrace): Promise<ProcessView> {
  const users = await loadNatsUsers(join(millrace.data, 'nats', 'users.json'));
  const bus = await connectBus({ url: `nats://127.0.0.1:${millrace.ports.nats}`, name: 'test', ...users.admin });
  const reports = new Map<string, { report: ProcessorsReport; atMs: number }>();
  watchHealth(bus, (report) => {
    if (report.process === 'processors') reports.set(report.instance, { report, atMs: performance.now() });
  });
  const fresh = () => [...reports.values()].filter(({ atMs }) => performance.now() - atMs < freshMs);
  const holds = () => new Map(fresh().map(({ report }) => [report.instance, report.holds]));
  return {
    bus,
    holds,
    holderOf(lease) {
      const holders = [...holds()].filter(([, held]) => held.includes(lease));
      return holders.length === 1 ? holders[0]![0] : null;
    },
    pidOf: (instance) => reports.get(instance)!.report.pid,
    spread: () => [...holds().values()].map((held) => held.filter((lease) => lease.startsWith('partition.')).length),
    [Symbol.asyncDispose]: () => bus.close(),
  };
}
