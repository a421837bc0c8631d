import type { Transition } from '../../../events/alert.ts';
import type { DeviceState } from '../../../events/device.ts';
import type { DevicesPage, LiveBatch, LiveReading } from '../../../events/live.ts';
import type { AlertBook } from '../alerts/alert-book.ts';
import { DeviceEntry } from './device-entry.ts';

/** Who wants to know what changed; the live feed to viewers. */
export interface MirrorListener {
  reading(entry: DeviceEntry, reading: LiveReading): void;
  /** Anything of its row but values and times: it is new, or its tags, intervals, stale mark or alert changed. */
  row(entry: DeviceEntry): void;
  /** Its worker has forgotten it. */
  forgotten(entry: DeviceEntry): void;
  transition(transition: Transition): void;
}

/** `resync`: something was missed, or the worker started anew; ask it for all its devices. */
export type Applied = 'current' | 'resync';

/**
 * All devices as the partitions' workers know them: pages at the start, the live feed from there. Bounded by
 * `devicesMax`; what is beyond it is not shown. Holds no client and no clock.
 */
export class DeviceMirror {
  readonly #entries = new Map<string, DeviceEntry>();
  /** By partition: the greatest position seen and the log's clock there. */
  readonly #positions = new Map<number, { sequence: number; nowUs: number }>();
  readonly #devicesMax: number;
  readonly #alerts: AlertBook;
  readonly #listener: MirrorListener;

  constructor(devicesMax: number, alerts: AlertBook, listener: MirrorListener) {
    this.#devicesMax = devicesMax;
    this.#alerts = alerts;
    this.#listener = listener;
  }

  get full(): boolean {
    return this.#entries.size >= this.#devicesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The log's clock: the greatest of any partition, null before anything was read. */
  get nowUs(): number | null {
    let nowUs = 0;
    for (const position of this.#positions.values()) nowUs = Math.max(nowUs, position.nowUs);
    return nowUs === 0 ? null : nowUs;
  }

  get(key: string): DeviceEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<DeviceEntry> {
    return this.#entries.values();
  }

  /** What a worker says of the log's clock while nothing changes. */
  clock(partition: number, nowUs: number): void {
    const position = this.#positions.get(partition);
    if (position === undefined) this.#positions.set(partition, { sequence: 0, nowUs });
    else position.nowUs = Math.max(position.nowUs, nowUs);
  }

  applyBatch(batch: LiveBatch): Applied {
    const { partition, sequence, nowUs } = batch;
    const before = this.#positions.get(partition);
    const steppedBack = before !== undefined && sequence < before.sequence;
    // A later clock at an earlier position: another log. An earlier clock: the worker repeats what we have seen.
    const anotherLog = steppedBack && nowUs > before.nowUs;
    if (anotherLog) this.#forget(partition);
    const repeated = steppedBack && !anotherLog;
    if (!repeated)
      this.#positions.set(partition, { sequence, nowUs: Math.max(nowUs, anotherLog ? 0 : (before?.nowUs ?? 0)) });
    // Of what a worker repeats, some may have come back since: the pages that are asked for then tell.
    if (!repeated) for (const key of batch.forgotten) this.#drop(key);
    for (const state of batch.devices) this.#take(partition, state);
    let missed = false;
    for (const reading of batch.items) {
      const entry = this.#entries.get(reading.key);
      if (entry === undefined) {
        missed ||= this.#entries.size < this.#devicesMax;
        continue;
      }
      if (repeated && reading.time <= entry.state.lastTimeUs) continue;
      entry.read(reading, nowUs);
      this.#listener.reading(entry, reading);
    }
    for (const transition of batch.transitions) this.applyTransition(transition);
    return steppedBack || missed ? 'resync' : 'current';
  }

  applyPage(page: DevicesPage): void {
    this.clock(page.partition, page.nowUs);
    this.#alerts.replace(page.partition, page.sequence, page.devices, page.alerts);
    for (const state of page.devices) this.#take(page.partition, state);
  }

  applyTransition(transition: Transition): void {
    if (!this.#alerts.add(transition)) return;
    const entry = this.#entries.get(transition.key);
    if (entry !== undefined) this.#listener.row(entry);
    this.#listener.transition(transition);
  }

  /** How many devices are not reporting. */
  staleCount(): number {
    let stale = 0;
    for (const entry of this.#entries.values()) if (entry.stale) stale++;
    return stale;
  }

  #take(partition: number, state: DeviceState): void {
    let entry = this.#entries.get(state.key);
    let shows = true;
    if (entry !== undefined) shows = entry.replace(state);
    else if (this.#entries.size >= this.#devicesMax) return;
    else this.#entries.set(state.key, (entry = new DeviceEntry(partition, state)));
    if (shows) this.#listener.row(entry);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#listener.forgotten(entry);
  }

  #forget(partition: number): void {
    for (const [key, entry] of this.#entries) if (entry.partition === partition) this.#entries.delete(key);
    this.#positions.delete(partition);
    this.#alerts.forget(partition);
  }
}
