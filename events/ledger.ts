/**
 * The ledger (promise P7), in readings; a publish that cannot be decoded counts as one:
 * received = stored + quarantined + duplicate + filtered + in flight. `late` is part of stored.
 * Each number is counted where the thing happens, so that the equation can fail.
 */
export interface Ledger {
  readonly received: number;
  readonly stored: number;
  readonly quarantined: number;
  readonly duplicate: number;
  readonly filtered: number;
  readonly inFlight: number;
  readonly late: number;
}

export const emptyLedger: Ledger = {
  received: 0,
  stored: 0,
  quarantined: 0,
  duplicate: 0,
  filtered: 0,
  inFlight: 0,
  late: 0,
};

/** What is missing (positive) or counted twice (negative); 0 is balanced. */
export function ledgerDifference(ledger: Ledger): number {
  const { received, stored, quarantined, duplicate, filtered, inFlight } = ledger;
  return received - stored - quarantined - duplicate - filtered - inFlight;
}

export function addLedgers(a: Ledger, b: Ledger): Ledger {
  return {
    received: a.received + b.received,
    stored: a.stored + b.stored,
    quarantined: a.quarantined + b.quarantined,
    duplicate: a.duplicate + b.duplicate,
    filtered: a.filtered + b.filtered,
    inFlight: a.inFlight + b.inFlight,
    late: a.late + b.late,
  };
}

/** What one transform left out. */
export interface TransformCounts {
  /** Readings it left nothing of: they are part of `filtered` of the ledger. */
  readonly filtered: number;
  /** Values it left out of readings that go on. */
  readonly fields: number;
  /** Results that were no finite number, and so were left out. */
  readonly notFinite: number;
  /** Readings that its table has no row for. */
  readonly unmatched: number;
}

export const noTransformCounts: TransformCounts = { filtered: 0, fields: 0, notFinite: 0, unmatched: 0 };

export function addTransformCounts(a: TransformCounts, b: TransformCounts): TransformCounts {
  return {
    filtered: a.filtered + b.filtered,
    fields: a.fields + b.fields,
    notFinite: a.notFinite + b.notFinite,
    unmatched: a.unmatched + b.unmatched,
  };
}

/**
 * Messages of the log that a partition's worker could not read. What they said is in no ledger: received begins with
 * what was read.
 */
export interface LogGap {
  readonly partition: number;
  /** `removed`: trimmed or lost before they were read. `never-arrived`: a producer's batches before message `to`. */
  readonly cause: 'removed' | 'never-arrived';
  /** Stream sequences, inclusive; of batches that never arrived both are the message that tells of them. */
  readonly from: number;
  readonly to: number;
  /** Messages missing. Of those removed at most: the stream's sequences count every partition's. */
  readonly messages: number;
  /** The log's clock at the last message before it and at the first after it, us. */
  readonly sinceUs: number;
  readonly untilUs: number;
}
