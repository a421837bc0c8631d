import { emptyLedger } from '../../events/ledger.ts';
import type { Ledger } from '../../events/ledger.ts';

/** What storage itself counts; `late` is the worker's. */
export type Entry = 'received' | 'stored' | 'quarantined' | 'duplicate' | 'inFlight' | 'filtered';

const entries: readonly Entry[] = ['received', 'stored', 'quarantined', 'duplicate', 'inFlight', 'filtered'];

type Counts = { -readonly [K in Entry]: number };

/** State in a checkpoint: the totals, then each device's, in the order of `entries`. */
export interface LedgerBookState {
  readonly total: readonly number[];
  readonly devices: readonly (readonly [key: string, counts: readonly number[]])[];
}

/**
 * One partition's ledger, in total and by device. Each entry is made where the thing happens, none is computed from
 * the others, so that an unbalanced ledger shows a fault.
 */
export class LedgerBook {
  readonly #devicesMax: number;
  readonly #total: Counts;
  readonly #devices = new Map<string, Counts>();
  /** Forgotten, with readings still in flight: their ledger goes when those are answered. */
  readonly #leaving = new Set<string>();

  /** @param devicesMax devices with a page of their own; what further ones did is in the total only */
  constructor(devicesMax: number, restored?: LedgerBookState) {
    this.#devicesMax = devicesMax;
    this.#total = toCounts(restored?.total);
    for (const [key, counts] of restored?.devices ?? []) this.#devices.set(key, toCounts(counts));
  }

  /** Makes an entry in the total and in the device's ledger. @param key device key, null when there is none */
  count(entry: Entry, key: string | null, readings = 1): void {
    this.countTotal(entry, readings);
    if (key !== null) this.countDevice(entry, key, readings);
  }

  countTotal(entry: Entry, readings: number): void {
    this.#total[entry] += readings;
  }

  countDevice(entry: Entry, key: string, readings = 1): void {
    let counts = this.#devices.get(key);
    if (counts === undefined) {
      if (this.#devices.size >= this.#devicesMax) return;
      counts = toCounts(undefined);
      this.#devices.set(key, counts);
    }
    counts[entry] += readings;
    if (this.#leaving.size > 0 && this.#leaving.has(key)) this.#leave(key, counts, entry);
  }

  /** A device is forgotten: its own ledger goes, its counts go on in the total. */
  forget(key: string): void {
    const counts = this.#devices.get(key);
    if (counts === undefined) return;
    if (counts.inFlight === 0) this.#devices.delete(key);
    else this.#leaving.add(key);
  }

  #leave(key: string, counts: Counts, entry: Entry): void {
    // It has come back before all of it was answered: then it stays.
    if (entry === 'received') this.#leaving.delete(key);
    else if (counts.inFlight === 0) {
      this.#leaving.delete(key);
      this.#devices.delete(key);
    }
  }

  get total(): Ledger {
    return { ...emptyLedger, ...this.#total };
  }

  /** Null: nothing was ever heard of the device. */
  device(key: string): Ledger | null {
    const counts = this.#devices.get(key);
    return counts === undefined ? null : { ...emptyLedger, ...counts };
  }

  snapshot(): LedgerBookState {
    return {
      total: toRow(this.#total),
      devices: Array.from(this.#devices, ([key, counts]) => [key, toRow(counts)] as const),
    };
  }
}

function toCounts(row: readonly number[] | undefined): Counts {
  const counts: Counts = { received: 0, stored: 0, quarantined: 0, duplicate: 0, inFlight: 0, filtered: 0 };
  if (row !== undefined) for (const [index, entry] of entries.entries()) counts[entry] = row[index] ?? 0;
  return counts;
}

function toRow(counts: Counts): number[] {
  return entries.map((entry) => counts[entry]);
}
