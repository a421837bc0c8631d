import { emptyLedger, type Ledger } from '../../events/ledger.ts';

/**
 * A device's whole ledger: what storage counted up to its position in the log, and what the worker has read beyond it,
 * which is on its way. Null when neither knows the device.
 */
export function deviceLedger(worker: Ledger | null, stored: Ledger | null): Ledger | null {
  if (worker === null) return stored;
  const upTo = stored ?? emptyLedger;
  const beyond = Math.max(0, worker.received - upTo.received);
  return { ...upTo, received: upTo.received + beyond, inFlight: upTo.inFlight + beyond, late: worker.late };
}
