import type { z } from 'zod';
import type { LogRecord } from '../../events/record.ts';
import type { configSchema } from '../../infra/config/schema.ts';
import type { Lane } from './virtual/lane-run.ts';

/**
 * Everything that happens in one simulation, as data: a seed makes it, and dropping any part of it leaves another plan
 * that can be run. That is what shrinking does.
 */
export interface Plan {
  readonly seed: number;
  readonly partitions: number;
  /** The true time at the beginning, us. */
  readonly beginUs: number;
  /** As a person writes them. The first is in force from the beginning; others where a `Control` says so. */
  readonly configs: readonly ConfigInput[];
  /** What the log is given, in its order. */
  readonly log: readonly Entry[];
  /** What happens to the workers, in order; what cannot be done at its moment does nothing. */
  readonly faults: readonly Op[];
}

export type ConfigInput = z.input<typeof configSchema>;

export type Entry = Batch | Repeat | Control;

/** What an ingest process stored as one message. */
export interface Batch {
  readonly kind: 'batch';
  readonly id: number;
  readonly partition: number;
  /** The log's clock, us. It may be less than that of the entry before: the leader has changed. */
  readonly nowUs: number;
  /** Name of the start of ingest that wrote it; its sequence is counted when the log is made. */
  readonly producer: string;
  /** Batches of this producer before it that were lost. */
  readonly missing: number;
  /** The log was trimmed so far before anybody had read it. A control record is not removed unread. */
  readonly removed: boolean;
  readonly records: readonly LogRecord[];
}

/** A batch stored once more: its answer was lost, it was sent again, and JetStream had forgotten it. */
export interface Repeat {
  readonly kind: 'repeat';
  readonly of: number;
  readonly nowUs: number;
}

/** Puts a configuration in force, in every partition. */
export interface Control {
  readonly kind: 'control';
  readonly id: number;
  readonly nowUs: number;
  /** Index in `configs`. */
  readonly config: number;
  /** What becomes of the state of what it edits. */
  readonly state: 'reset' | 'keep' | 'rebuild';
  /** Of a rebuild: how many messages of the log before it the stretch begins. */
  readonly back: number;
}

/** What becomes of a publish or a compare-and-set: `lost`: done, the answer is lost; `late`: no answer, done some time
 * later, or never; `dropped`: no answer, never done. */
export type Answer = 'ok' | 'lost' | 'late' | 'dropped';

/** One thing that happens to the workers of a partition, or of the fleet. Each has a slot; who starts later is the rightful one, who was
 * there before goes on as a zombie until it is refused. */
export type Op =
  | { readonly kind: 'start'; readonly lane: Lane; readonly slot: number }
  | { readonly kind: 'crash'; readonly lane: Lane; readonly slot: number }
  | { readonly kind: 'take'; readonly lane: Lane; readonly slot: number; readonly count: number }
  | {
      readonly kind: 'publish';
      readonly lane: Lane;
      readonly slot: number;
      /** Index in `outputNames`. */
      readonly output: number;
      readonly answer: Answer;
    }
  | { readonly kind: 'snapshot'; readonly lane: Lane; readonly slot: number }
  | { readonly kind: 'save'; readonly lane: Lane; readonly slot: number; readonly answer: Answer }
  /** The next configuration is published: the log goes on to the one after it, and the fleet's worker may be asked for, or not. */
  | { readonly kind: 'apply'; readonly lane: 'fleet' }
  /** The oldest `late` publish or compare-and-set reaches the server. */
  | { readonly kind: 'arrive'; readonly lane: Lane };

export const outputNames = ['windows', 'alerts', 'quarantine', 'derived', 'redriven'] as const;
export const slots = 3;
