import type { Ledger, LogGap, TransformCounts } from './ledger.ts';

/** What each process reports on `health.<process>.<instance>`, once a second, JSON. Counters count since its start. */
interface Report {
  readonly instance: string;
  readonly pid: number;
  readonly startedAtUs: number;
  readonly atUs: number;
  /** Resident set size of the process, bytes. */
  readonly rssBytes: number;
  /** prom-client's `register.getMetricsAsJSON()`, every 5th report. */
  readonly metrics?: readonly unknown[];
}

/** Percentiles over the last 10 s, in ms; null when nothing was measured in it. */
export interface Latency {
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface IngestReport extends Report {
  readonly process: 'ingest';
  /** The log takes writes. */
  readonly writable: boolean;
  readonly connections: number;
  /** Publishes taken in. */
  readonly publishes: number;
  /** Of these, QoS 1 or 2. */
  readonly acknowledged: number;
  /** Records waiting for the log's answer. */
  readonly waiting: number;
  /** Records per batch over the last 10 s, mean. */
  readonly batchRecords: number;
  readonly batches: number;
  /** Refused connections and packets, QoS 0 dropped, and waits (`takenReasons`), by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Nobody is let in without a credential, token or certificate. */
  readonly asksWho: boolean;
  readonly unknown: UnknownClients;
  /** Those that this process holds the lease of. */
  readonly bridges?: readonly BridgeReport[];
  /** From arrival to PUBACK. */
  readonly ack: Latency;
  /** From sending a batch to the log's answer. */
  readonly store: Latency;
}

/** Reasons in `refused` under which what came is taken all the same: it waited in the network, or is set aside later. */
export const takenReasons: ReadonlySet<string> = new Set([
  'message-rate',
  'byte-rate',
  'unacknowledged',
  'topic-too-long',
]);

/** Clients of whom nobody knows who they are. */
export interface UnknownClients {
  /** Let in, as no credential is asked for. */
  readonly connected: number;
  /** Refused within the last minute: they showed no credential, or a name that none has. At most 1,000 are told apart. */
  readonly refused: number;
}

export interface BridgeReport {
  readonly name: string;
  readonly connected: boolean;
  /** Since when it is connected, or not. */
  readonly sinceUs: number;
  /** Why it is not connected, or not subscribed to everything; empty when all is well. */
  readonly error: string;
  /** Messages received since the start of the process, repeats included. */
  readonly messages: number;
  /** On their way to the log. */
  readonly inFlight: number;
}

export interface WorkerReport {
  readonly partition: number;
  /** Stream sequence of the last message processed. */
  readonly position: number;
  /** The log's clock at its position: it moves with every tick, also when no device sends. 0 before the first message. */
  readonly nowUs: number;
  /** How far behind the log's end it is, ms; 0 when it has read all. */
  readonly lagMs: number;
  /** Messages between its position and the log's end. */
  readonly pending: number;
  readonly devices: number;
  /** Readings decoded up to its position, since the log's beginning; a publish that cannot be decoded counts as one. */
  readonly received: number;
  /** Of them, late. */
  readonly late: number;
  /** Devices forgotten, since the log's beginning. */
  readonly forgotten: number;
  /** What each transform left out, by its name, since the log's beginning. */
  readonly transforms: Readonly<Record<string, TransformCounts>>;
  /** The latest gaps in its part of the log, at most 50. */
  readonly gaps: readonly LogGap[];
  /** Reason why it does not run; empty when it runs. */
  readonly stopped: string;
}

export interface FleetReport {
  /** Stream sequence of the last message processed, over all partitions. */
  readonly position: number;
  readonly lagMs: number;
  readonly pending: number;
  /** Readings that a window or join left out since the start, as it had too many groups already. */
  readonly leftOut: number;
  /** Reason why it does not run; empty when it runs. */
  readonly stopped: string;
}

export interface StorageReport {
  readonly partition: number;
  readonly position: number;
  readonly lagMs: number;
  readonly ledger: Ledger;
  readonly stopped: string;
}

export interface WebhookReport {
  readonly name: string;
  readonly waiting: number;
  readonly delivered: number;
  readonly failing: boolean;
  readonly lastError: string;
}

/** Where a reader of a stream would go back to after a crash: the messages after it must stay. */
export interface PositionReport {
  /** `worker.0`, `storage.log.0`, `webhooks` */
  readonly reader: string;
  readonly stream: string;
  readonly subject: string;
  readonly position: number;
}

export interface ProcessorsReport extends Report {
  readonly process: 'processors';
  /** The leases it holds: `partition.0`, `webhooks`, ... Workers and storages are those of its partitions. */
  readonly holds: readonly string[];
  readonly positions: readonly PositionReport[];
  /** The fleet's worker, where this process holds its lease and the configuration asks for one. */
  readonly fleet: FleetReport | null;
  readonly workers: readonly WorkerReport[];
  readonly storages: readonly StorageReport[];
  /** Readings seen by the workers (after duplicates), and those late. */
  readonly readings: number;
  readonly late: number;
  readonly quarantined: Readonly<Record<string, number>>;
  /** From the log's timestamp to the end of the step. */
  readonly read: Latency;
  /** Of one write to InfluxDB. */
  readonly write: Latency;
  /** Empty when InfluxDB takes writes; else the sentence that says why not. */
  readonly influxError: string;
  /** Since when InfluxDB refuses, null when it does not. */
  readonly influxDownSinceUs: number | null;
  readonly influxNextTryAtUs: number | null;
  readonly webhooks: readonly WebhookReport[];
  /** Devices not heard of for `state.retain`. */
  readonly forgotten: number;
  readonly windowsClosed: number;
  readonly transitions: number;
  readonly log: LogReport | null;
  readonly alarms: readonly AlarmReport[];
}

/** An alarm of a process about the product itself: lost log positions, a full log and the like. */
export interface AlarmReport {
  /** Of a condition that is on; null: something happened, and stays so. */
  readonly code: string | null;
  readonly message: string;
}

export interface LogReport {
  readonly bytes: number;
  readonly maxBytes: number;
  readonly messages: number;
  /** Age of the oldest message kept, ms. */
  readonly keptMs: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** How long the free space lasts at the present rate, ms; null when it does not shrink. */
  readonly fullInMs: number | null;
}

export interface DashboardReport extends Report {
  readonly process: 'dashboard';
  readonly viewers: number;
  readonly framesSent: number;
  /** From the reading's arrival at ingest to the frame that carries it. */
  readonly screen: Latency;
}

export type HealthReport = IngestReport | ProcessorsReport | DashboardReport;
