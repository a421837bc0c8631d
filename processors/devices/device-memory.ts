import type { DeviceState } from '../../events/device.ts';
import { emptyLedger, type Ledger } from '../../events/ledger.ts';
import type { Reading } from '../../events/reading.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import { FieldHistories } from './field-histories.ts';

/** What the worker counts of a device's ledger, in readings. */
export type Counted = (typeof counted)[number];

const counted = ['received', 'quarantined', 'duplicate', 'late', 'filtered'] as const;

/** What a device's readings say of it. */
export type MeasuredState = Omit<DeviceState, 'presence' | 'life'>;

/** What is known of one device. Its fields are as many as the intake lets through (`limits.fieldsPerDeviceMax`). */
export class DeviceMemory {
  readonly key: string;
  readonly #fields = new FieldHistories();
  readonly #counts: Record<Counted, number> = { received: 0, quarantined: 0, duplicate: 0, late: 0, filtered: 0 };
  #device = '';
  #tags: Reading['tags'] = {};
  #topic = '';
  #lastTimeUs = 0;
  #lastSeenUs = 0;
  #clockOffsetUs: number | null = null;
  #readings = 0;
  #intervalUs: number | null = null;

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
    let place = 0;
    for (const name in reading.fields)
      news = this.#fields.take(name, place++, reading.fields[name]!, reading.timeUs) || news;
    if (news) this.#intervalUs = this.#fields.toldIntervalUs();
    return news;
  }

  count(what: Counted): void {
    this.#counts[what]++;
  }

  /** The shortest of its fields' learned intervals, us, to within a tenth: looked at once a round. */
  get intervalUs(): number | null {
    return this.#intervalUs;
  }

  /** What it says itself; presence and life are others' to say. */
  get state(): MeasuredState {
    return {
      key: this.key,
      device: this.#device,
      tags: this.#tags,
      topic: this.#topic,
      fields: this.#fields.states(),
      lastTimeUs: this.#lastTimeUs,
      lastSeenUs: this.#lastSeenUs,
      clockOffsetUs: this.#clockOffsetUs,
      readings: this.#readings,
    };
  }

  get ledger(): Ledger {
    return { ...emptyLedger, ...this.#counts };
  }

  write(columns: ColumnWriter): void {
    columns.source({ key: this.key, device: this.#device, tags: this.#tags });
    columns.ownText(this.#topic);
    columns.real(this.#lastTimeUs);
    columns.real(this.#lastSeenUs);
    columns.flag(this.#clockOffsetUs !== null);
    if (this.#clockOffsetUs !== null) columns.number(this.#clockOffsetUs);
    columns.number(this.#readings);
    for (const what of counted) columns.number(this.#counts[what]);
    this.#fields.write(columns);
  }

  static read(columns: ColumnReader): DeviceMemory {
    const { key, device, tags } = columns.source();
    const memory = new DeviceMemory(key);
    memory.#device = device;
    memory.#tags = tags;
    memory.#topic = columns.text();
    memory.#lastTimeUs = columns.real();
    memory.#lastSeenUs = columns.real();
    memory.#clockOffsetUs = columns.flag() ? columns.number() : null;
    memory.#readings = columns.number();
    for (const what of counted) memory.#counts[what] = columns.number();
    memory.#fields.read(columns);
    memory.#intervalUs = memory.#fields.toldIntervalUs();
    return memory;
  }
}

function sameTags(a: Reading['tags'], b: Reading['tags']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
