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
