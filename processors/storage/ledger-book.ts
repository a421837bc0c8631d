import { emptyLedger } from '../../events/ledger.ts';
import type { Ledger } from '../../events/ledger.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';

/** What storage itself counts; `late` is the worker's. */
export type Entry = 'received' | 'stored' | 'quarantined' | 'duplicate' | 'inFlight' | 'filtered';

const entries: readonly Entry[] = ['received', 'stored', 'quarantined', 'duplicate', 'inFlight', 'filtered'];

type Counts = { -readonly [K in Entry]: number };

/** State in a checkpoint: the totals, then each device's, in the order of `entries`. */
export type LedgerBookState = Columns;

/**
 * One partition's ledger, in total and by device. Each entry is made where the thing happens, none is computed from
 * the others, so that an unbalanced ledger shows a fault.
 */
export class LedgerBook {
  readonly #devicesMax: number;
  readonly #total: Counts;
  readonly #room = new ColumnRoom();
  readonly #devices = new Map<string, Counts>();
  /** Forgotten, with readings still in flight: their ledger goes when those are answered. */
  readonly #leaving = new Set<string>();

  /** @param devicesMax devices with a page of their own; what further ones did is in the total only */
  constructor(devicesMax: number, restored?: LedgerBookState) {
    this.#devicesMax = devicesMax;
    this.#total = noCounts();
    if (restored === undefined) return;
    const columns = new ColumnReader(restored);
    for (const entry of entries) this.#total[entry] = columns.number();
    while (!columns.isAtEnd) {
      const counts = noCounts();
      this.#devices.set(columns.text(), counts);
      for (const entry of entries) counts[entry] = columns.number();
    }
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
      counts = noCounts();
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
    const columns = new ColumnWriter(undefined, this.#room);
    for (const entry of entries) columns.number(this.#total[entry]);
    for (const [key, counts] of this.#devices) {
      columns.text(key);
      for (const entry of entries) columns.number(counts[entry]);
    }
    return columns.columns();
  }
}

function noCounts(): Counts {
  return { received: 0, stored: 0, quarantined: 0, duplicate: 0, inFlight: 0, filtered: 0 };
}
