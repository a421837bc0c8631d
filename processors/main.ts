import type { ProcessorsReport } from '../events/health.ts';
import { streams, subjects } from '../events/subjects.ts';
import { createCheckpoints } from '../infra/bus/checkpoints.ts';
import { connectBus, type BusOptions } from '../infra/bus/connection.ts';
import { streamInfo } from '../infra/bus/streams.ts';
import type { Config } from '../infra/config/schema.ts';
import { startReporting } from '../infra/health/reporting.ts';
import type { Log } from '../infra/log.ts';
import { Alarms } from './alarms.ts';
import { watchUncaught } from './custom/uncaught.ts';
import { Figures } from './figures.ts';
import { watchIngest } from './ingest-watch.ts';
import { LiveFeed } from './live/live-feed.ts';
import { createMetrics } from './metrics.ts';
import { readReport } from './report.ts';
import { startStorage, type Storage } from './storage/storage.ts';
import { startTrimmer } from './trimmer/trimmer.ts';
import { startWebhooks, type Webhooks } from './webhooks/webhooks.ts';
import { sweepKept } from './worker/kept-checkpoints.ts';
import { startWorker, type PartitionWorker } from './worker/worker.ts';

export interface ProcessorsOptions {
  readonly config: Config;
  readonly bus: BusOptions;
  readonly influx: { readonly url: string; readonly token?: string };
  /** Tells processes of one kind apart. */
  readonly instance: string;
  readonly log: Log;
}

export interface Processors extends AsyncDisposable {
  /** Rejects when something failed that nobody caught and that is no custom processor's: start anew. */
  readonly failed: Promise<never>;
  report(): ProcessorsReport;
  /** Stops reading, stores what is in hand, takes a last checkpoint. */
  stop(): Promise<void>;
}

/** Metrics go with every so many-th report. */
const metricsEvery = 5;

/**
 * Log -> readings -> windows -> rules -> InfluxDB, webhooks, live feed. The streams and the configuration in force are
 * there already: `up` sees to them.
 * @throws LOG_UNAVAILABLE
 */
export async function startProcessors(options: ProcessorsOptions): Promise<Processors> {
  const { config, instance, log, influx } = options;
  const { partitions } = config.log;
  const stopping = new AbortController();
  const { signal } = stopping;

  const bus = await connectBus(options.bus);
  const checkpoints = await createCheckpoints(bus);
  const alarms = new Alarms(bus, log);
  await alarms.endThoseBefore();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const unwatch = watchUncaught(({ processor, error }) => {
    log.error({ err: error, processor }, 'something failed that nobody caught');
    // Stopped, it reports itself with the next message of the log.
    if (processor === null) failed.reject(error instanceof Error ? error : new Error(String(error)));
  });
  const figures = new Figures();

  const storage = await startStorage({ config, bus, influx, partitions, log, alarms });
  const lives = Array.from(
    { length: partitions },
    (_, partition) => new LiveFeed(bus, partition, log, (key) => storage.ledger(key)),
  );
  // Before the workers: a new webhook is told of every alert from here on.
  const webhooks = await startWebhooks({ config, bus, log });
  const workers = lives.map((live, partition) =>
    startWorker({ bus, partition, partitions, checkpoints, alarms, figures, live }, log, signal),
  );
  const trimmer = startTrimmer(
    {
      bus,
      log,
      alarms,
      keepBytes: config.log.keepBytes ?? Number.POSITIVE_INFINITY,
      keepAgeMs: config.log.keepAge,
      positions: (stream, subject) => readerPositions(stream, subject, workers, storage, webhooks),
    },
    signal,
  );
  watchIngest(bus, alarms, signal);
  const sweep = async () => {
    const { firstSequence } = await streamInfo(bus, streams.log, signal);
    return (await sweepKept(checkpoints, firstSequence)) + (await checkpoints.sweep());
  };
  sweepCheckpoints(sweep, log, signal);

  const report = () => readReport({ instance, figures, workers, storage, webhooks, trimmer, alarms });
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
    await Promise.all([storage.stop(), webhooks.stop(), trimmer.done, ...workers.map(({ done }) => done)]);
    reportOnce();
    for (const live of lives) live[Symbol.dispose]();
    await bus.close();
    unwatch();
  };
  return { report, stop, failed: failed.promise, [Symbol.asyncDispose]: stop };
}

/** Where the readers of a stream, or of one subject of it, would go back to after a crash. */
function readerPositions(
  stream: string,
  subject: string | null,
  workers: readonly PartitionWorker[],
  storage: Storage,
  webhooks: Webhooks,
): number[] {
  const stored = storage
    .positions()
    .filter((reader) => reader.stream === stream && (subject === null || reader.subject === subject))
    .map(({ position }) => position);
  if (stream === streams.log) {
    const read = workers.filter(({ partition }) => subject === null || subject === subjects.log(partition));
    return [...stored, ...read.map(({ savedPosition }) => savedPosition)];
  }
  if (stream === streams.alerts) return [...stored, ...webhooks.positions().values()];
  return stored;
}

const sweepEveryMs = 3_600_000;

/** Removes what interrupted saves of checkpoints have left, and kept ones that are of no more use, now and once an hour. */
function sweepCheckpoints(sweep: () => Promise<number>, log: Log, signal: AbortSignal): void {
  const run = async () => {
    try {
      const removed = await sweep();
      if (removed > 0) log.info({ removed }, 'checkpoints that nobody needs were removed');
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'checkpoints that nobody needs could not be looked for');
    }
  };
  const timer = setInterval(() => void run(), sweepEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer));
  void run();
}
