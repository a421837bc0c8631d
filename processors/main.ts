import { randomBytes } from 'node:crypto';
import type { ProcessorsReport } from '../events/health.ts';
import { createCheckpoints } from '../infra/bus/checkpoints.ts';
import { connectBus, type BusOptions } from '../infra/bus/connection.ts';
import type { Config } from '../infra/config/schema.ts';
import { startReporting } from '../infra/health/reporting.ts';
import { memberId } from '../infra/leases/lease-store.ts';
import { startLeases } from '../infra/leases/leases.ts';
import type { Log } from '../infra/log.ts';
import { Alarms } from './alarms.ts';
import { watchUncaught } from './custom/uncaught.ts';
import { serveDecode } from './decode-query.ts';
import { Duties } from './duties.ts';
import { Figures } from './figures.ts';
import { createMetrics } from './metrics.ts';
import { readReport } from './report.ts';
import { startStorage } from './storage/storage.ts';

export interface ProcessorsOptions {
  readonly config: Config;
  readonly bus: BusOptions;
  readonly influx: { readonly url: string; readonly token?: string };
  /** Tells processes of one kind apart; the same over the restarts of one. */
  readonly instance: string;
  readonly log: Log;
}

export interface Processors extends AsyncDisposable {
  /**
   * Rejects when something failed that nobody caught and that is no custom processor's, or another process has taken
   * this one's name: start anew.
   */
  readonly failed: Promise<never>;
  report(): ProcessorsReport;
  /** Stops reading, stores what is in hand, takes last checkpoints, gives up its leases. */
  stop(): Promise<void>;
}

/** Metrics go with every so many-th report. */
const metricsEvery = 5;

/**
 * Log -> readings -> windows -> rules -> InfluxDB, webhooks, live feed. Any number of processes share the work: each
 * does what it holds leases of (`duties.ts`). The streams and the configuration in force are there already: `up` sees
 * to them.
 * @throws LOG_UNAVAILABLE
 */
export async function startProcessors(options: ProcessorsOptions): Promise<Processors> {
  const { config, instance, log, influx } = options;
  const { partitions } = config.log;
  const stopping = new AbortController();
  const { signal } = stopping;
  const start = randomBytes(4).toString('hex');

  const bus = await connectBus(options.bus);
  const checkpoints = await createCheckpoints(bus);
  const alarms = new Alarms(bus, log, memberId(instance, start));
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const unwatch = watchUncaught(({ processor, error }) => {
    log.error({ err: error, processor }, 'something failed that nobody caught');
    // Stopped, it reports itself with the next message of the log.
    if (processor === null) failed.reject(error instanceof Error ? error : new Error(String(error)));
  });
  const figures = new Figures();
  const storage = await startStorage({ config, bus, influx, partitions, log, alarms });
  const duties = new Duties({
    config,
    bus,
    partitions,
    checkpoints,
    alarms,
    figures,
    storage,
    log,
    isAlive: (by) => leases?.isAlive(by) ?? true,
    isStopping: () => signal.aborted,
  });
  let leases: Awaited<ReturnType<typeof startLeases>> | null = null;
  leases = await startLeases({ bus, instance, start, groups: duties.groups, run: (lease) => duties.run(lease), log });

  const stopDecoding = serveDecode(bus, (err) => log.warn({ err }, 'a question about payloads was not answered'));

  const report = () => readReport({ instance, holds: leases.held(), figures, storage, alarms, ...duties.sources() });
  const metrics = createMetrics(figures, report);
  let reports = 0;
  let collected: readonly unknown[] | null = null;
  const reportOnce = startReporting(
    bus,
    'processors',
    () => {
      // Collecting is asynchronous: what is collected now goes with the next report.
      if (reports++ % metricsEvery === 0)
        void metrics.getMetricsAsJSON().then((values) => (collected = values as readonly unknown[]));
      const value = collected === null ? report() : { ...report(), metrics: collected };
      collected = null;
      return value;
    },
    signal,
  );

  const stop = async () => {
    stopping.abort();
    stopDecoding();
    await leases.stop();
    await storage.stop();
    reportOnce();
    await bus.close();
    unwatch();
  };
  leases.failed.catch(failed.reject);
  return { report, stop, failed: failed.promise, [Symbol.asyncDispose]: stop };
}
