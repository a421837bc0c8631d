import { expect, it, vi } from 'vitest';
import type { DashboardReport, HealthReport } from '../../events/health.ts';
import { runNats } from '../../test/running-servers.ts';
import { connectBus } from '../bus/connection.ts';
import { processFacts, startReporting, watchHealth } from './reporting.ts';

it('reports once a second until stopped', async () => {
  await using nats = await runNats();
  await using bus = await connectBus(nats.busOptions('test'));
  const reports: HealthReport[] = [];
  watchHealth(bus, (report) => reports.push(report));
  const stop = new AbortController();
  const report = (): DashboardReport => ({
    ...processFacts('i1'),
    process: 'dashboard',
    viewers: 3,
    framesSent: 4,
    screen: { p50: null, p99: null },
  });
  startReporting(bus, 'dashboard', report, stop.signal);
  await vi.waitFor(() => expect(reports.length).toBeGreaterThanOrEqual(2), { timeout: 5_000 });
  stop.abort();
  expect(reports[0]).toMatchObject({ process: 'dashboard', instance: 'i1', viewers: 3, pid: process.pid });
  expect(reports[1]!.atUs - reports[0]!.atUs).toBeGreaterThan(900_000);
});
