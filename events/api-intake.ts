/** REST answers about what was set aside, topics nobody takes in, and the ledger; see `api.ts` for what holds for all. */
import type { Ledger } from './ledger.ts';
import type { LedgerFigures } from './pipeline.ts';
import type { Quarantined, QuarantineReason } from './quarantine.ts';
import type { PayloadFormat } from './topics.ts';

export interface QuarantineItem extends Quarantined {
  /** Cursor of this item. */
  readonly id: string;
  /** The reason's sentence. */
  readonly sentence: string;
}

/** `GET /quarantine?reason=&limit=&after=` (limit 1..200, default 50). Items are the latest 500, newest first. */
export interface QuarantineAnswer {
  readonly total: number;
  readonly reasons: readonly QuarantineCount[];
  readonly items: readonly QuarantineItem[];
  readonly next: string | null;
}

export interface QuarantineCount {
  readonly reason: QuarantineReason;
  readonly sentence: string;
  readonly count: number;
  readonly lastAtUs: number | null;
}

/** `GET /topics/unmatched?limit=` (1..1000, default 100): most frequent first. */
export interface UnmatchedTopicsAnswer {
  readonly topics: readonly UnmatchedTopic[];
  readonly suggestions: readonly TopicSuggestion[];
  /** Publishes on further topics, beyond the 1,000 that are kept. */
  readonly beyondMax: number;
}

export interface UnmatchedTopic {
  readonly topic: string;
  readonly count: number;
  readonly lastAtUs: number;
  readonly client: string;
  /** Base64, at most 256 bytes. */
  readonly firstBytes: string;
  readonly bytes: number;
  /** Index into `suggestions`, null when nothing can take it in. */
  readonly suggestion: number | null;
}

/** A line for `topics:` in `millrace.yaml` that would take these topics in. */
export interface TopicSuggestion {
  readonly template: string;
  readonly format: PayloadFormat;
  /** `- { template: "home/{site}/{device}", format: json }` */
  readonly line: string;
  readonly topics: number;
  readonly count: number;
  /** At most 3 topics. */
  readonly examples: readonly string[];
}

/** `GET /ledger`: of all partitions together, and of each. 503 `NO_REPORT` while no storage reports. */
export interface LedgerAnswer extends LedgerFigures {
  readonly atUs: number;
  readonly partitions: readonly { readonly partition: number; readonly ledger: Ledger; readonly difference: number }[];
}
