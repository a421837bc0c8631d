import type { Presence } from '../../events/device.ts';
import type { LogRecord } from '../../events/record.ts';
import { Deadlines } from '../clock/deadlines.ts';
import type { LogTime } from '../clock/log-time.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import type { KnownDevice } from '../decode/known-devices.ts';
import { DevicePresence, type Heard, type Watch } from './device-presence.ts';

/**
 * Which devices of a partition are there: as many as the directory knows. Of each message: `end` for the connections
 * that ended in it, `advance`, `hear` for each reading.
 */
export class PresenceBook {
  readonly #room = new ColumnRoom();
  readonly #devices = new Map<string, DevicePresence>();
  /** By the connection of their last reading; a gateway's carries many devices. Only those that are open. */
  readonly #carried = new Map<string, Set<DevicePresence>>();
  readonly #silent: Deadlines<Watch>;

  /** @param elapsedUs where time stands. @param saved what `snapshot` returned. */
  constructor(elapsedUs: number, saved?: Columns) {
    this.#silent = new Deadlines((watch) => this.#dueUs(watch), elapsedUs);
    if (saved === undefined) return;
    const columns = new ColumnReader(saved);
    while (!columns.isAtEnd) {
      const device = DevicePresence.read(columns);
      this.#devices.set(device.key, device);
      if (!device.ended) this.#carry(device);
      this.#watch(device);
    }
  }

  /** Null: nothing came of it since its presence is noted. */
  of(key: string): Presence | null {
    return this.#devices.get(key)?.presence ?? null;
  }

  /** The connections that end in a message, after what they carried. @param changed gets the keys of devices concerned */
  end(records: readonly LogRecord[], at: LogTime, changed: Set<string>): void {
    for (const record of records) {
      if (record.kind !== 'disconnect') continue;
      const carried = this.#carried.get(record.connection);
      if (carried === undefined) continue;
      this.#carried.delete(record.connection);
      for (const device of carried) if (device.end(record.clean, at.nowUs, at.elapsedUs)) changed.add(device.key);
    }
  }

  /** Lets time pass. */
  advance(at: LogTime, changed: Set<string>): void {
    this.#silent.advance(at.elapsedUs, ({ device }) => {
      device.watch = null;
      if (device.fallSilent(at.nowUs)) changed.add(device.key);
    });
  }

  /** A reading came. True: the device's presence is another. */
  hear(known: Pick<KnownDevice, 'presence'>, key: string, heard: Heard): boolean {
    const device = (known.presence ??= this.#deviceOf(key));
    const { connection } = device;
    const changed = device.hear(heard);
    if (device.connection !== connection) {
      this.#leave(device, connection);
      this.#carry(device);
    }
    this.#watch(device);
    return changed;
  }

  #deviceOf(key: string): DevicePresence {
    let device = this.#devices.get(key);
    if (device === undefined) this.#devices.set(key, (device = new DevicePresence(key)));
    return device;
  }

  /** All that is known of a device goes. */
  forget(key: string): void {
    const device = this.#devices.get(key);
    if (device === undefined) return;
    this.#devices.delete(key);
    device.watch = null;
    this.#leave(device, device.connection);
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const device of this.#devices.values()) device.write(columns);
    return columns.columns();
  }

  #carry(device: DevicePresence): void {
    const carried = this.#carried.get(device.connection);
    if (carried === undefined) this.#carried.set(device.connection, new Set([device]));
    else carried.add(device);
  }

  #leave(device: DevicePresence, connection: string): void {
    const carried = this.#carried.get(connection);
    if (carried?.delete(device) === true && carried.size === 0) this.#carried.delete(connection);
  }

  /** A deadline that has moved later costs nothing; one that has moved earlier is watched anew. */
  #watch(device: DevicePresence): void {
    const dueUs = device.silentAtUs;
    if (dueUs === null) return;
    const before = device.watch;
    if (before !== null && dueUs >= before.dueUs) {
      before.dueUs = dueUs;
      return;
    }
    const watch: Watch = { device, dueUs };
    device.watch = watch;
    this.#silent.watch(watch);
  }

  #dueUs(watch: Watch): number | null {
    return watch.device.watch === watch ? watch.device.silentAtUs : null;
  }
}
