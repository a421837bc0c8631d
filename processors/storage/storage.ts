import { setTimeout as wait } from 'node:timers/promises';
import { emptyLedger, type Ledger } from '../../events/ledger.ts';
import type { Latency, StorageReport } from '../../events/health.ts';
import type { DerivedReading } from '../../events/reading.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { partitionOf } from '../../events/topics.ts';
import type { WindowResult } from '../../events/window.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { enrichedTags } from '../../infra/config/enriched-tags.ts';
import type { Config } from '../../infra/config/schema.ts';
import { LatencyWindow } from '../../infra/telemetry/latency.ts';
import type { Log } from '../../infra/log.ts';
import type { Alarms } from '../alarms.ts';
import { restartOnFailure } from '../restart-on-failure.ts';
import { connectInflux } from './influx-connection.ts';
import { InfluxStore } from './influx-store.ts';
import { derivedLine, windowLine, type LineNames } from './line-protocol.ts';
import { ReadingsRun } from './readings-run.ts';
import { ResultsRun, type ResultPoint } from './results-run.ts';
import { windowPolicy } from './retention.ts';
import { seriesNames } from './series-names.ts';

/** How long a stop waits in all. */
const stopWithinMs = 10_000;

export interface StorageOptions {
  readonly config: Config;
  readonly bus: Bus;
  readonly influx: { readonly url: string; readonly token?: string | undefined; readonly timeoutMs?: number };
  readonly partitions: number;
  readonly log: Log;
  readonly alarms: Pick<Alarms, 'happened' | 'set'>;
}

/** What storage says of itself; the fields of ProcessorsReport. */
export interface StorageFigures {
  readonly storages: readonly StorageReport[];
  readonly influxError: string;
  readonly influxDownSinceUs: number | null;
  readonly influxNextTryAtUs: number | null;
  /** Of one write to InfluxDB. */
  readonly write: Latency;
}

/** A place that a crash would go back to: messages after it must stay in the stream. 0 without one. */
export interface ReaderPosition {
  readonly stream: string;
  readonly subject: string;
  readonly position: number;
}

export interface Storage extends AsyncDisposable {
  report(): StorageFigures;
  /** Storage's ledger of one device; null when it has not heard of it. */
  ledger(key: string): Ledger | null;
  positions(): readonly ReaderPosition[];
  stop(): Promise<void>;
}

/**
 * Stores every partition's readings, windows and derived readings in InfluxDB. Each has its own position: InfluxDB may
 * be down for as long as the log lasts.
 */
export async function startStorage(options: StorageOptions): Promise<Storage> {
  const { config, bus, partitions, log, alarms } = options;
  const checkpoints = await createCheckpoints(bus);
  const stopping = new AbortController();
  const closing = new AbortController();
  const writes = new LatencyWindow();
  const second = () => Math.floor(performance.now() / 1000);
  const connection = connectInflux({ org: config.influx.org, bucket: config.influx.bucket, ...options.influx });
  const store = new InfluxStore(connection, closing.signal, (durationMs) => writes.record(durationMs, second()));
  // History asks for the database before there is a first reading.
  const opened = store.open().catch((error: unknown) => {
    if (!closing.signal.aborted) log.error({ error }, 'InfluxDB cannot be opened');
  });

  const runs: Promise<void>[] = [];
  const launch = (
    code: string,
    what: string,
    run: (signal: AbortSignal) => Promise<void>,
    onStop?: (why: string) => void,
  ) =>
    runs.push(
      restartOnFailure(run, stopping.signal, (why, error) => {
        onStop?.(why);
        alarms.set(code, why === '' ? null : `Storage of ${what} stopped: ${why}`);
        if (why !== '') log.error({ error }, `storage of ${what} stopped`);
      }),
    );

  const readings = Array.from({ length: partitions }, (_, partition) => {
    const onGap = (from: number, to: number) =>
      alarms.happened(
        'storage-gap',
        `Partition ${partition}: log messages ${from} to ${to} were removed before they were stored.`,
      );
    const one = { run: null as ReadingsRun | null, stopped: '' };
    const start = async (signal: AbortSignal) => {
      const run = new ReadingsRun({ bus, partition, partitions, checkpoints, store, onGap });
      await run.restore();
      // Until then the report keeps what the run before said.
      one.run = run;
      await run.run(signal);
    };
    launch(`storage-${partition}`, `partition ${partition}`, start, (why) => (one.stopped = why));
    return one;
  });

  const names = seriesNames(config.topics, enrichedTags(config.transforms));
  const results: { readonly stream: string; readonly subject: string; readonly run: ResultsRun }[] = [];
  const follow = (stream: string, subject: string, toPoint: (item: unknown) => ResultPoint) => {
    const code = `storage-${subject.replaceAll('.', '-')}`;
    let refused = 0;
    const onRefused = (detail: string) =>
      alarms.set(`${code}-refused`, `${++refused} results of ${subject} were not stored; the last: ${detail}`);
    const onGap = (from: number, to: number) =>
      alarms.happened('storage-gap', `Results ${from} to ${to} of ${subject} were removed before they were stored.`);
    const checkpoint = `storage.${subject}`;
    const run = new ResultsRun({ bus, checkpoints, store, stream, subject, checkpoint, toPoint, onRefused, onGap });
    results.push({ stream, subject, run });
    launch(code, subject, (signal) => run.run(signal));
  };
  for (let partition = 0; partition < partitions; partition++) {
    follow(streams.windows, subjects.windows(partition), (item) => windowPoint(item as WindowResult, names));
    follow(streams.derived, subjects.derived(partition), (item) => derivedPoint(item as DerivedReading, names));
  }

  const stop = async () => {
    stopping.abort();
    const ended = Promise.all(runs).then(() => {
      closing.abort();
      return opened;
    });
    // Whoever waits for a server that is gone is left behind: its state is as it was last saved.
    await Promise.race([ended, wait(stopWithinMs, undefined, { ref: false })]);
    closing.abort();
  };
  return {
    report: () => ({
      storages: readings.map(({ run, stopped }, partition) => ({
        partition,
        position: run?.position ?? 0,
        lagMs: run?.lagMs(Date.now()) ?? 0,
        ledger: run?.ledger.total ?? emptyLedger,
        stopped,
      })),
      influxError: store.state.error,
      influxDownSinceUs: store.state.downSinceUs,
      influxNextTryAtUs: store.state.nextTryAtUs,
      write: writes.percentiles(second()),
    }),
    ledger: (key) => readings[partitionOf(key, partitions)]?.run?.ledger.device(key) ?? null,
    positions: () => [
      ...readings.map(({ run }, partition) => ({
        stream: streams.log,
        subject: subjects.log(partition),
        position: run?.savedPosition ?? 0,
      })),
      ...results.map(({ stream, subject, run }) => ({ stream, subject, position: run.savedPosition })),
    ],
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function windowPoint(window: WindowResult, names: LineNames): ResultPoint {
  return { line: windowLine(window, names), policy: windowPolicy(window), timeUs: window.startUs };
}

function derivedPoint(derived: DerivedReading, names: LineNames): ResultPoint {
  return { line: derivedLine(derived, names), policy: 'readings', timeUs: derived.timeUs };
}
