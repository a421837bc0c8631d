import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BridgeReport, Latency } from '../events/health.ts';
import { LatencyWindow } from '../infra/telemetry/latency.ts';
import { type RefusalReason, type Refusals } from './refusals.ts';

/** Upper bounds, seconds: from one write without sync to an outage. */
const latencySeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200, 512];
/** Seconds that the mean batch size of a report covers. */
const recentSeconds = 10;

/** What is read when metrics are collected. */
export interface MetricSources {
  readonly refusals: Refusals;
  connections(): number;
  waiting(): number;
  ticksDropped(): number;
  httpRequests(): Iterable<{ readonly route: string; readonly status: number; readonly count: number }>;
  bridges(): readonly BridgeReport[];
  writable(): boolean;
}

/** Counts what ingest does, for its report (`events/health.ts`) and for Prometheus (`millrace_ingest_*`). */
export class IngestMetrics {
  publishes = 0;
  acknowledged = 0;
  batches = 0;
  readonly registry = new Registry();
  readonly #ack = new LatencyWindow();
  readonly #store = new LatencyWindow();
  readonly #recent: { second: number; batches: number; records: number }[] = [];
  readonly #ackSeconds: Histogram;
  readonly #storeSeconds: Histogram;
  readonly #batchRecords: Histogram;

  constructor(sources: MetricSources) {
    const registers = [this.registry];
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name: `millrace_ingest_${name}`, help, buckets, registers });
    this.#ackSeconds = histogram(
      'ack_seconds',
      'From the arrival of a publish to its acknowledgement.',
      latencySeconds,
    );
    this.#storeSeconds = histogram('store_seconds', "From sending a batch to the log's answer.", latencySeconds);
    this.#batchRecords = histogram('batch_records', 'Records in a batch.', batchSizes);
    const counter = (name: string, help: string, read: () => number) =>
      new Counter({
        name: `millrace_ingest_${name}`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    counter('publishes_total', 'Publishes taken in.', () => this.publishes);
    counter('acknowledged_total', 'Publishes of QoS 1 or 2 acknowledged.', () => this.acknowledged);
    counter('ticks_dropped_total', 'Ticks that could not be sent in their second.', () => sources.ticksDropped());
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `millrace_ingest_${name}`,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    gauge('connections', 'Open MQTT connections.', () => sources.connections());
    gauge('waiting_records', "Records waiting for the log's answer.", () => sources.waiting());
    gauge('writable', 'The log takes writes.', () => (sources.writable() ? 1 : 0));
    const { refusals } = sources;
    const refused = new Counter({
      name: 'millrace_ingest_refused_total',
      help: 'Refused connections and packets, and what was given up at a bound, by reason.',
      labelNames: ['reason'],
      registers: [],
      collect() {
        this.reset();
        for (const reason of Object.keys(refusals.counts) as RefusalReason[])
          this.inc({ reason }, refusals.counts[reason]);
      },
    });
    this.registry.registerMetric(refused);
    const httpRequests = new Counter({
      name: 'millrace_ingest_http_requests_total',
      help: 'HTTP requests, by route and status; status 0: the client went away.',
      labelNames: ['route', 'status'],
      registers: [],
      collect() {
        this.reset();
        for (const { route, status, count } of sources.httpRequests())
          this.inc({ route, status: String(status) }, count);
      },
    });
    this.registry.registerMetric(httpRequests);
    const ofBridges = (name: string, help: string, read: (bridge: BridgeReport) => number) =>
      new Gauge({
        name: `millrace_ingest_bridge_${name}`,
        help,
        labelNames: ['bridge'],
        registers,
        collect() {
          this.reset();
          for (const bridge of sources.bridges()) this.set({ bridge: bridge.name }, read(bridge));
        },
      });
    ofBridges('connected', 'The bridge is connected to its broker.', ({ connected }) => (connected ? 1 : 0));
    ofBridges('in_flight', 'Messages of the bridge on their way to the log.', ({ inFlight }) => inFlight);
    ofBridges(
      'messages',
      'Messages received since the bridge began here, repeats included.',
      ({ messages }) => messages,
    );
    collectDefaultMetrics({ register: this.registry });
  }

  onPublish(): void {
    this.publishes++;
  }

  onAcknowledged(ms: number): void {
    this.acknowledged++;
    this.#ack.record(ms, presentSecond());
    this.#ackSeconds.observe(ms / 1000);
  }

  onStored(records: number, ms: number): void {
    this.batches++;
    this.#store.record(ms, presentSecond());
    this.#storeSeconds.observe(ms / 1000);
    this.#batchRecords.observe(records);
    const second = presentSecond();
    let last = this.#recent.at(-1);
    if (last?.second !== second) this.#recent.push((last = { second, batches: 0, records: 0 }));
    last.batches++;
    last.records += records;
    while (this.#recent[0]!.second <= second - recentSeconds) this.#recent.shift();
  }

  /** Over the last 10 s. */
  latencies(): { readonly ack: Latency; readonly store: Latency; readonly batchRecords: number } {
    const second = presentSecond();
    let batches = 0;
    let records = 0;
    for (const slot of this.#recent) {
      if (slot.second <= second - recentSeconds) continue;
      batches += slot.batches;
      records += slot.records;
    }
    return {
      ack: this.#ack.percentiles(second),
      store: this.#store.percentiles(second),
      batchRecords: batches === 0 ? 0 : records / batches,
    };
  }
}

function presentSecond(): number {
  return Math.floor(performance.now() / 1000);
}
