import type { Severity } from './alert.ts';
import type { Latency } from './health.ts';
import type { Ledger, LogGap, TransformCounts } from './ledger.ts';

/**
 * The figures of the whole way of a reading, as one value: `GET /overview` answers it, and the `stats` frame of
 * `/live` brings it anew every second. A part is null while its process does not report. Rates are per second, over
 * the last 10 s.
 */
export interface PipelineFigures {
  /** Wall clock of the dashboard's server, us. */
  readonly atUs: number;
  /** The log's clock, us: ages of readings count from it. Null before anything was read. */
  readonly nowUs: number | null;
  /** The configuration that answers go by: with another one, what was loaded may be out of date. Null before one is known. */
  readonly configVersion: number | null;
  readonly sensors: SensorFigures;
  readonly ingest: IngestFigures | null;
  readonly log: LogFigures | null;
  readonly processors: ProcessorFigures | null;
  /** When a processors process reported last, by the server's clock, us; null: none since the server started. */
  readonly processorsHeardUs: number | null;
  readonly influx: InfluxFigures | null;
  readonly live: LiveFigures;
  readonly webhooks: WebhookFigures | null;
  readonly ledger: LedgerFigures | null;
  readonly alerts: AlertCounts;
  readonly quarantine: QuarantineFigures;
  /** What is wrong with Millrace itself, as sentences. */
  readonly alarms: readonly string[];
}

export interface SensorFigures {
  readonly connected: number | null;
  readonly devices: number;
  /** Not reporting: offline, stale or unknown, and not retired. */
  readonly stale: number;
  /** 0..1 of the publishes of the last 10 s came with QoS 1 or 2; null without any. */
  readonly acknowledgedShare: number | null;
}

export interface IngestFigures {
  readonly publishesPerS: number;
  readonly connections: number;
  readonly waiting: number;
  readonly batchRecords: number;
  readonly batchesPerS: number;
  readonly refusedPerS: number;
  /** Since the process started, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly ack: Latency;
  readonly store: Latency;
  /** The log takes writes. */
  readonly writable: boolean;
}

export interface LogFigures {
  readonly bytes: number;
  readonly maxBytes: number;
  readonly messages: number;
  readonly keptMs: number;
  readonly partitions: number;
  readonly fullInMs: number | null;
}

export interface ProcessorFigures {
  readonly readingsPerS: number;
  /** Running workers. */
  readonly workers: number;
  /** The greatest lag of any partition, and each one's, ms. */
  readonly lagMs: number;
  readonly partitions: readonly PartitionFigures[];
  /** 0..1 of the readings of the last 10 s were late; null without any. */
  readonly lateShare: number | null;
  readonly quarantinedPerS: number;
  readonly read: Latency;
}

export interface PartitionFigures {
  readonly partition: number;
  readonly lagMs: number;
  readonly pending: number;
  readonly devices: number;
  /** Why it does not run; empty when it runs. */
  readonly stopped: string;
}

export interface InfluxFigures {
  readonly storedPerS: number;
  /** The greatest lag of any partition behind the log, ms. */
  readonly lagMs: number;
  readonly write: Latency;
  /** Empty when InfluxDB takes writes; else the sentence that says why not. */
  readonly error: string;
  readonly downSinceUs: number | null;
  readonly nextTryAtUs: number | null;
}

export interface LiveFigures {
  readonly readingsPerS: number;
  readonly viewers: number;
  /** From the reading's arrival at ingest to the frame that carries it. */
  readonly screen: Latency;
}

export interface WebhookFigures {
  readonly deliveredPerS: number;
  readonly total: number;
  readonly failing: number;
  readonly waiting: number;
}

/** Over all that the log has ever brought. `difference` 0 is balanced; see `ledgerDifference`. */
export interface LedgerFigures extends Ledger {
  readonly difference: number;
  /** Messages of the log that no worker could read, oldest first: what they said is in none of these numbers. */
  readonly gaps: readonly LogGap[];
}

/** What one transform left out since the log began. */
export interface TransformFigures extends TransformCounts {
  readonly name: string;
  /** In a few words; null: it is no longer in the configuration. */
  readonly does: string | null;
}

/** Alerts that are firing, or were when their device fell silent. */
export interface AlertCounts extends Readonly<Record<Severity, number>> {
  readonly total: number;
}

export interface QuarantineFigures {
  readonly total: number;
  /** Of them, topics that match no template. */
  readonly unmatchedTopics: number;
}

/** What the overview's charts show of one second. Null: not measured. */
export interface PipelineSample {
  readonly atUs: number;
  readonly received: number | null;
  readonly stored: number | null;
  readonly screenP50: number | null;
  readonly screenP99: number | null;
  readonly processorsLagMs: number | null;
  readonly influxLagMs: number | null;
}

/**
 * Samples as columns of equal length, oldest first, `stepUs` apart (each one's time is the end of its step). A step
 * longer than a second holds the mean, of `screenP99` and lags the greatest.
 */
export interface PipelineSeries {
  readonly stepUs: number;
  readonly atUs: readonly number[];
  readonly received: readonly (number | null)[];
  readonly stored: readonly (number | null)[];
  readonly screenP50: readonly (number | null)[];
  readonly screenP99: readonly (number | null)[];
  readonly processorsLagMs: readonly (number | null)[];
  readonly influxLagMs: readonly (number | null)[];
}
