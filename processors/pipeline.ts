import type { OperatorFunction } from 'rxjs';
import type { AlertStatus, DeviceState } from '../events/device.ts';
import type { Ledger } from '../events/ledger.ts';
import type { QuarantineReason } from '../events/quarantine.ts';
import type { ProcessingConfig } from '../infra/config/schema.ts';
import type { CustomProcessor } from './custom/load.ts';
import type { LogMessage, Step } from './step.ts';

export interface IntakeOptions {
  readonly config: ProcessingConfig;
  readonly partition: number;
  /** Number of partitions of the log: the bound on devices is shared out among them. */
  readonly partitions: number;
  /** What `snapshot()` returned, after any MessagePack round trip; absent or null: a fresh state. */
  readonly restored?: unknown;
}

export interface PipelineOptions extends IntakeOptions {
  /** The processors that `config.processors` names, loaded (`loadProcessors` in custom/load.ts). */
  readonly customs: readonly CustomProcessor[];
}

/** What has been counted since the state began. In readings, where nothing else is said. */
export interface Totals {
  readonly received: number;
  /** Became readings. */
  readonly readings: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
  readonly quarantinedBy: Readonly<Partial<Record<QuarantineReason, number>>>;
  /** Windows closed. */
  readonly windows: number;
  readonly transitions: number;
  readonly derived: number;
}

/** The front of the pipeline, which storage runs too: from log messages to readings, each once. */
export interface Intake {
  /** Emits exactly one step for each message, synchronously. */
  readonly operator: OperatorFunction<LogMessage, Step>;
  /** One plain value for MessagePack; a copy that later messages do not change. */
  snapshot(): unknown;
  /** Puts another configuration in force. Call it before the control record's message is pushed. */
  reconfigure(config: ProcessingConfig): void;
}

export interface Pipeline extends Omit<Intake, 'reconfigure'> {
  /**
   * Puts another configuration in force: unchanged windows and rules keep their state, others start afresh. Call it
   * before the control record's message is pushed, whose step carries what the change itself brings about.
   */
  reconfigure(config: ProcessingConfig, customs: readonly CustomProcessor[]): void;
  readonly devices: {
    readonly count: number;
    /** At most `limit` devices in key order, those after `after`; from the beginning without it. */
    page(after: string | undefined, limit: number): DeviceState[];
    get(key: string): DeviceState | null;
  };
  /** The states of all rules on these devices; without keys on all. */
  alerts(keys?: readonly string[]): AlertStatus[];
  /** The worker's part of a device's ledger: received, quarantined, duplicate, late; the rest is 0. */
  ledger(key: string): Ledger | null;
  readonly totals: Totals;
}

export declare function createIntake(options: IntakeOptions): Intake;
export declare function createPipeline(options: PipelineOptions): Pipeline;
