import { setTimeout as wait } from 'node:timers/promises';
import type { Ledger } from '../../events/ledger.ts';
import type { Latency, StorageReport } from '../../events/health.ts';
import { partitionOf } from '../../events/topics.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { enrichedTags } from '../../infra/config/enriched-tags.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { Lease } from '../../infra/leases/lease.ts';
import { checkpointsUnder } from '../../infra/leases/leased-checkpoints.ts';
import { LatencyWindow } from '../../infra/telemetry/latency.ts';
import type { Log } from '../../infra/log.ts';
import type { Alarms } from '../alarms.ts';
import { connectInflux } from './influx-connection.ts';
import { InfluxStore } from './influx-store.ts';
import { seriesNames } from './series-names.ts';
import { StorageLane, type LaneName, type ReaderPosition } from './storage-lane.ts';

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

export interface Storage extends AsyncDisposable {
  report(): StorageFigures;
  /** Storage's ledger of one device; null when it has not heard of it. */
  ledger(key: string): Ledger | null;
  positions(): readonly ReaderPosition[];
  /**
   * Begins to store a partition, or the fleet's results, until the lease's signal or a failure that is final, which
   * its report names. It stays in the reports until it is removed.
   */
  begin(lane: LaneName, lease?: Pick<Lease, 'signal' | 'confirmed'>): { readonly done: Promise<void>; remove(): void };
  stop(): Promise<void>;
}

/**
 * Stores readings, windows and derived readings in InfluxDB. Each lane has its own position: InfluxDB may be down for as
 * long as the log lasts.
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
  const names = seriesNames(config.topics, enrichedTags(config.transforms));
  const lanes = new Map<LaneName, StorageLane>();
  const running = new Set<Promise<void>>();

  const stop = async () => {
    stopping.abort();
    const ended = Promise.all(running).then(() => {
      closing.abort();
      return opened;
    });
    // Whoever waits for a server that is gone is left behind: its state is as it was last saved.
    await Promise.race([ended, wait(stopWithinMs, undefined, { ref: false })]);
    closing.abort();
  };
  return {
    begin(name, lease) {
      const signal = lease === undefined ? stopping.signal : AbortSignal.any([lease.signal, stopping.signal]);
      const own = lease === undefined ? checkpoints : checkpointsUnder(lease, checkpoints);
      const confirmed = lease && (() => lease.confirmed());
      const context = {
        bus,
        partitions,
        checkpoints: own,
        store,
        names,
        topics: config.topics,
        log,
        alarms,
        confirmed,
      };
      const lane = new StorageLane(name, context, signal);
      lanes.set(name, lane);
      running.add(lane.done);
      void lane.done.finally(() => running.delete(lane.done));
      return { done: lane.done, remove: () => lanes.get(name) === lane && lanes.delete(name) };
    },
    report: () => ({
      storages: [...lanes.values()]
        .map((lane) => lane.report())
        .filter((report) => report !== null)
        .toSorted((a, b) => a.partition - b.partition),
      influxError: store.state.error,
      influxDownSinceUs: store.state.downSinceUs,
      influxNextTryAtUs: store.state.nextTryAtUs,
      write: writes.percentiles(second()),
    }),
    ledger: (key) => lanes.get(partitionOf(key, partitions))?.ledger(key) ?? null,
    positions: () => [...lanes.values()].flatMap((lane) => lane.positions()),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
