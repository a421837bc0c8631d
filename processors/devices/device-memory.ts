import type { DeviceState, FieldState } from '../../events/device.ts';
import { emptyLedger, type Ledger } from '../../events/ledger.ts';
import type { Reading } from '../../events/reading.ts';
import { FieldHistory, type FieldHistoryRow } from './field-history.ts';

/** What the worker counts of a device's ledger, in readings. */
export type Counted = 'received' | 'quarantined' | 'duplicate' | 'late' | 'filtered';

export interface DeviceMemoryRow {
  readonly key: string;
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly topic: string;
  readonly lastTimeUs: number;
  readonly lastSeenUs: number;
  readonly clockOffsetUs: number | null;
  readonly readings: number;
  readonly counts: readonly [received: number, quarantined: number, duplicate: number, late: number, filtered?: number];
  readonly fields: readonly FieldHistoryRow[];
}

/** What is known of one device. Its fields are as many as the intake lets through (`fieldsPerDeviceMax`). */
export class DeviceMemory {
  readonly key: string;
  readonly #fields = new Map<string, FieldHistory>();
  readonly #counts: Record<Counted, number> = { received: 0, quarantined: 0, duplicate: 0, late: 0, filtered: 0 };
  #device = '';
  #tags: Reading['tags'] = {};
  #topic = '';
  #lastTimeUs = 0;
  #lastSeenUs = 0;
  #clockOffsetUs: number | null = null;
  #readings = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** Takes a new reading. True: more than its values changed (new, other tags or topic, interval learned). */
  take(reading: Reading, topic: string, nowUs: number): boolean {
    let news = this.#readings === 0;
    this.#readings++;
    this.#lastSeenUs = nowUs;
    // The tags of one topic are one object.
    if (this.#topic !== topic || this.#tags !== reading.tags) {
      news ||= this.#topic !== topic || !sameTags(this.#tags, reading.tags);
      this.#device = reading.device;
      this.#tags = reading.tags;
      this.#topic = topic;
    }
    if (reading.timeUs >= this.#lastTimeUs) {
      this.#lastTimeUs = reading.timeUs;
      this.#clockOffsetUs = reading.ownTime ? reading.timeUs - nowUs : null;
    }
    for (const name in reading.fields) {
      const value = reading.fields[name]!;
      const field = this.#fields.get(name);
      if (field !== undefined) news = field.take(value, reading.timeUs) || news;
      else {
        this.#fields.set(name, new FieldHistory(value, reading.timeUs));
        news = true;
      }
    }
    return news;
  }

  count(what: Counted): void {
    this.#counts[what]++;
  }

  get state(): DeviceState {
    // No prototype: a field may be called toString.
    const fields: Record<string, FieldState> = Object.create(null) as Record<string, FieldState>;
    for (const [name, field] of this.#fields) fields[name] = field.state;
    return {
      key: this.key,
      device: this.#device,
      tags: this.#tags,
      topic: this.#topic,
      fields,
      lastTimeUs: this.#lastTimeUs,
      lastSeenUs: this.#lastSeenUs,
      clockOffsetUs: this.#clockOffsetUs,
      readings: this.#readings,
    };
  }

  get ledger(): Ledger {
    return { ...emptyLedger, ...this.#counts };
  }

  toRow(): DeviceMemoryRow {
    const { received, quarantined, duplicate, late, filtered } = this.#counts;
    return {
      key: this.key,
      device: this.#device,
      tags: this.#tags,
      topic: this.#topic,
      lastTimeUs: this.#lastTimeUs,
      lastSeenUs: this.#lastSeenUs,
      clockOffsetUs: this.#clockOffsetUs,
      readings: this.#readings,
      counts: [received, quarantined, duplicate, late, filtered],
      fields: [...this.#fields].map(([name, field]) => field.toRow(name)),
    };
  }

  static fromRow(row: DeviceMemoryRow): DeviceMemory {
    const memory = new DeviceMemory(row.key);
    const [received, quarantined, duplicate, late, filtered = 0] = row.counts;
    Object.assign(memory.#counts, { received, quarantined, duplicate, late, filtered });
    for (const field of row.fields) memory.#fields.set(field[0], FieldHistory.fromRow(field));
    memory.#device = row.device;
    memory.#tags = row.tags;
    memory.#topic = row.topic;
    memory.#lastTimeUs = row.lastTimeUs;
    memory.#lastSeenUs = row.lastSeenUs;
    memory.#clockOffsetUs = row.clockOffsetUs;
    memory.#readings = row.readings;
    return memory;
  }
}

function sameTags(a: Reading['tags'], b: Reading['tags']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
