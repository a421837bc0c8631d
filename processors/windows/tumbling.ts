import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { Deadlines } from '../clock/deadlines.ts';
import { Aggregate, type AggregateRow } from './aggregate.ts';
import type { WindowOperator } from './window-operator.ts';

interface OpenWindow {
  readonly startUs: number;
  /** Messages of the log are missing that may have been for it. */
  incomplete: boolean;
  readonly fields: Map<string, Aggregate>;
}

interface DeviceWindows {
  readonly key: string;
  device: string;
  tags: Reading['tags'];
  /** Greatest event time; less the lateness it is the device's watermark. */
  greatestUs: number;
  /** Windows that end at or before this have closed. */
  closedUpToUs: number;
  /** `elapsed` at its last reading. */
  seenElapsedUs: number;
  /** At most lateness / size + 2 of them, the oldest first. */
  open: OpenWindow[];
}

type DeviceRow = readonly [
  key: string,
  device: string,
  tags: Reading['tags'],
  greatestUs: number,
  closedUpToUs: number,
  seenElapsedUs: number,
  open: readonly (readonly [
    startUs: number,
    incomplete: boolean,
    fields: readonly (readonly [string, AggregateRow])[],
  ])[],
];

/**
 * Windows [start, end) of one size, one after the other, aligned to the UTC epoch, each device by its own watermark:
 *
 *     window closes    when the device's greatest event time - lateness >= end,
 *                      or when it sent nothing for `idle` of elapsed
 *     reading is late  when its window has closed; a device two minutes behind is not late, it is only behind
 *
 * Numbers count as they are, booleans as 1 and 0, texts not at all.
 */
export class TumblingWindows implements WindowOperator {
  readonly #name: string;
  readonly #sizeUs: number;
  readonly #latenessUs: number;
  /** Names of the fields taken; null for all. */
  readonly #fields: ReadonlySet<string> | null;
  readonly #devices = new Map<string, DeviceWindows>();
  readonly #idle: Deadlines<DeviceWindows>;

  /** @param elapsedUs where time stands. @param restored what `snapshot` returned. */
  constructor(config: WindowConfig, elapsedUs: number, restored?: unknown) {
    this.#name = config.name;
    this.#sizeUs = Math.round(config.size * 1e3);
    this.#latenessUs = Math.round(config.lateness * 1e3);
    this.#fields = config.fields.includes('*') ? null : new Set(config.fields);
    const idleUs = Math.round(config.idle * 1e3);
    this.#idle = new Deadlines(
      (device) => (device.open.length === 0 ? null : device.seenElapsedUs + idleUs),
      elapsedUs,
    );
    if (restored !== undefined) this.#restore(restored as readonly DeviceRow[]);
  }

  add(reading: Reading, elapsedUs: number, closed: WindowResult[]): boolean {
    const device = this.#deviceOf(reading);
    device.seenElapsedUs = elapsedUs;
    const startUs = reading.timeUs - (reading.timeUs % this.#sizeUs);
    const late = startUs + this.#sizeUs <= device.closedUpToUs;
    const counts = late ? this.#hasValue(reading) : this.#addValues(device, startUs, reading);
    if (reading.timeUs > device.greatestUs) {
      device.greatestUs = reading.timeUs;
      const watermarkUs = reading.timeUs - this.#latenessUs;
      this.#close(device, watermarkUs - (watermarkUs % this.#sizeUs), reading.origin, closed);
    }
    return late && counts;
  }

  advance(elapsedUs: number, origin: Origin, closed: WindowResult[]): void {
    this.#idle.advance(elapsedUs, (device) => {
      this.#close(device, device.open.at(-1)!.startUs + this.#sizeUs, origin, closed);
    });
  }

  forget(key: string, origin: Origin, closed: WindowResult[]): void {
    const device = this.#devices.get(key);
    if (device === undefined) return;
    const last = device.open.at(-1);
    if (last !== undefined) this.#close(device, last.startUs + this.#sizeUs, origin, closed);
    this.#devices.delete(key);
  }

  gap(): void {
    for (const { open } of this.#devices.values()) for (const window of open) window.incomplete = true;
  }

  snapshot(): DeviceRow[] {
    return Array.from(this.#devices.values(), (device) => [
      device.key,
      device.device,
      device.tags,
      device.greatestUs,
      device.closedUpToUs,
      device.seenElapsedUs,
      device.open.map(({ startUs, incomplete, fields }) => [
        startUs,
        incomplete,
        Array.from(fields, ([name, aggregate]) => [name, aggregate.toRow()] as const),
      ]),
    ]);
  }

  #restore(rows: readonly DeviceRow[]): void {
    for (const [key, device, tags, greatestUs, closedUpToUs, seenElapsedUs, open] of rows) {
      const restored: DeviceWindows = {
        key,
        device,
        tags,
        greatestUs,
        closedUpToUs,
        seenElapsedUs,
        open: open.map(([startUs, incomplete, fields]) => ({
          startUs,
          incomplete,
          fields: new Map(fields.map(([name, row]) => [name, Aggregate.fromRow(row)])),
        })),
      };
      this.#devices.set(key, restored);
      this.#idle.watch(restored);
    }
  }

  #deviceOf({ key, device, tags }: Reading): DeviceWindows {
    const known = this.#devices.get(key);
    if (known !== undefined) {
      known.device = device;
      known.tags = tags;
      return known;
    }
    const fresh = { key, device, tags, greatestUs: 0, closedUpToUs: 0, seenElapsedUs: 0, open: [] };
    this.#devices.set(key, fresh);
    return fresh;
  }

  #wants(field: string): boolean {
    return this.#fields === null || this.#fields.has(field);
  }

  #hasValue({ fields }: Reading): boolean {
    for (const name in fields) {
      if (this.#wants(name) && typeof fields[name] !== 'string') return true;
    }
    return false;
  }

  #addValues(device: DeviceWindows, startUs: number, { fields, timeUs }: Reading): boolean {
    let window: OpenWindow | undefined;
    for (const name in fields) {
      const value = fields[name]!;
      if (typeof value === 'string' || !this.#wants(name)) continue;
      window ??= this.#open(device, startUs);
      let aggregate = window.fields.get(name);
      if (aggregate === undefined) {
        aggregate = new Aggregate();
        window.fields.set(name, aggregate);
      }
      aggregate.add(Number(value), timeUs);
    }
    return window !== undefined;
  }

  #open(device: DeviceWindows, startUs: number): OpenWindow {
    let at = device.open.length;
    while (at > 0 && device.open[at - 1]!.startUs > startUs) at--;
    const before = device.open[at - 1];
    if (before?.startUs === startUs) return before;
    const window = { startUs, incomplete: false, fields: new Map<string, Aggregate>() };
    device.open.splice(at, 0, window);
    this.#idle.watch(device);
    return window;
  }

  #close(device: DeviceWindows, upToUs: number, origin: Origin, closed: WindowResult[]): void {
    if (upToUs <= device.closedUpToUs) return;
    device.closedUpToUs = upToUs;
    while (device.open.length > 0 && device.open[0]!.startUs + this.#sizeUs <= upToUs) {
      const { startUs, incomplete, fields } = device.open.shift()!;
      for (const [field, aggregate] of fields) {
        closed.push({
          window: this.#name,
          key: device.key,
          device: device.device,
          field,
          tags: device.tags,
          startUs,
          endUs: startUs + this.#sizeUs,
          revision: 0,
          origin,
          ...aggregate.result,
          ...(incomplete ? { incomplete: true as const } : {}),
        });
      }
    }
  }
}
