/** REST answers about what was set aside, topics nobody takes in, and the ledger; see `api.ts` for what holds for all. */
import type { Ledger } from './ledger.ts';
import type { LedgerFigures } from './pipeline.ts';
import type { Quarantined, QuarantineReason, RedriveOutcome } from './quarantine.ts';
import type { QuarantinedBy } from './record.ts';
import type { DecodeVerdict } from './redrive.ts';
import type { PayloadFormat } from './topics.ts';

export interface QuarantineItem extends Quarantined {
  /** Its place in QUARANTINE, `<sequence>.<index>`; a cursor, too. */
  readonly id: string;
  readonly by: QuarantinedBy;
  /** What its last redrive came to, later than itself; null: it still stands, or that is not known any more. */
  readonly outcome: RedriveOutcome | null;
  /** The reason's sentence. */
  readonly sentence: string;
}

/** Which items; what is absent does not matter. */
export interface QuarantineFilter {
  readonly reason?: QuarantineReason | undefined;
  /** Device key. */
  readonly key?: string | undefined;
  /** Whole levels that the topic begins with. */
  readonly topic?: string | undefined;
  /** Arrived at or after, and before, us. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only those that still stand: never redriven, or refused again. */
  readonly open?: boolean | undefined;
}

/**
 * `GET /quarantine?reason=&key=&topic=&from=&to=&open=&limit=&after=` (limit 1..200, default 50), newest first, over
 * all that the stream holds. A page may be short, or empty, and have a `next`: so much was looked through.
 */
export interface QuarantineAnswer {
  readonly total: number;
  readonly reasons: readonly QuarantineCount[];
  readonly items: readonly QuarantineItem[];
  readonly next: string | null;
}

/** `GET /quarantine/groups?reason=&limit=` (1..1000, default 100): largest first. */
export interface QuarantineGroupsAnswer {
  readonly groups: readonly QuarantineGroup[];
  /** Items of further groups, beyond the 2,000 that are kept. */
  readonly beyondMax: number;
}

/** What was set aside for one reason of one device; without a device under one topic. */
export interface QuarantineGroup {
  readonly reason: QuarantineReason;
  readonly by: QuarantinedBy;
  readonly key: string | null;
  /** Of its latest item. */
  readonly topic: string;
  /** Template that takes the topic in at present; null when none does. */
  readonly template: string | null;
  readonly count: number;
  readonly firstAtUs: number;
  readonly lastAtUs: number;
}

/** `GET /quarantine/items/{id}`. 404 `NOT_FOUND` when QUARANTINE does not hold it. */
export interface QuarantineItemAnswer {
  readonly item: QuarantineItem;
  /** The whole payload as the log holds it, base64; null when the log holds it no longer. */
  readonly payload: string | null;
  /** What the configuration in force would make of it; null when the log or the processors do not say. */
  readonly now: { readonly version: number; readonly verdicts: readonly DecodeVerdict[] } | null;
}

/** `POST /quarantine/redrive`: either `ids` or `filter`. */
export interface RedriveCommand {
  readonly ids?: readonly string[] | undefined;
  /** Oldest first. Those that do not stand any more are passed over. */
  readonly filter?: QuarantineFilter | undefined;
  /** `next` and `until` of the answer before. */
  readonly after?: string | undefined;
  readonly until?: number | undefined;
  /** Items of this request, 1..500. */
  readonly limit?: number | undefined;
  /** Says what would become of them; nothing is appended. */
  readonly dryRun?: boolean | undefined;
}

export interface RedriveReport {
  readonly dryRun: boolean;
  readonly considered: number;
  /** In the log again; what becomes of them shows in the list. 0 in a dry run. */
  readonly appended: number;
  /** The log no longer holds them. */
  readonly gone: number;
  /** Not in QUARANTINE, or redriven before (by filter only). */
  readonly skipped: number;
  /** Of a dry run: what they would become. Null else, and when no processor answers. */
  readonly would: {
    readonly readings: number;
    readonly refused: Readonly<Record<string, number>>;
    readonly filtered: number;
  } | null;
  /** More may follow: the next request's `after`, with `until`. */
  readonly next: string | null;
  readonly until: number;
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
