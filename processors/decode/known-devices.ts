import { Deadlines } from '../clock/deadlines.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import type { DecodedPayload } from '../step.ts';
import type { DeviceMemory } from '../devices/device-memory.ts';
import type { DevicePresence } from '../presence/device-presence.ts';
import type { DeviceAlerts } from '../rules/device-alerts.ts';
import type { DeviceSlots } from '../windows/device-slots.ts';
import { finish, mixInteger } from './hash.ts';
import { RecentHashes } from './recent-hashes.ts';
import { refuse, type Refusal } from './refusal.ts';
import type { Route } from './routes.ts';

/** What the intake remembers of one device. */
export interface KnownDevice {
  readonly key: string;
  /** `elapsed` when it was last heard of. */
  seenElapsedUs: number;
  /** The last time given to it where it sent none of its own, us; 0 when none was. */
  givenUs: number;
  /** The greatest time of its own, us; 0 when it sent none. */
  greatestUs: number;
  /** Shape of its last reading: the same shape brings no new name. */
  shape: number;
  /** Names of the fields it ever sent. */
  readonly names: Set<string>;
  /** Identities of its last readings with a time of their own. */
  readonly repeats: RecentHashes;
  /** It is known no longer: who holds on to it looks it up anew. */
  forgotten: boolean;
  /** Windows and rules leave it out (`life/`). */
  retired: boolean;
  /** What later operators keep of it, found without a look-up; not part of the snapshot. */
  memory: DeviceMemory | null;
  windows: DeviceSlots | null;
  alerts: DeviceAlerts | null;
  presence: DevicePresence | null;
}

export interface KnownDevicesSnapshot {
  readonly devices: Columns;
  readonly nameSets: readonly (readonly string[])[];
}

/** The bounds of what is remembered. */
export interface DeviceBounds {
  /** Devices of this partition. */
  readonly devicesMax: number;
  /** Names of fields that one device may ever send; a device that invents names harms nobody else. */
  readonly fieldsPerDeviceMax: number;
  /** A device not heard of for so long of `elapsed` is forgotten, us. */
  readonly retainUs: number;
}

/**
 * The devices of one partition, at most `devicesMax`: the first to come are known, later ones are refused until one is
 * forgotten.
 */
export class KnownDevices {
  readonly #room = new ColumnRoom();
  readonly #devices = new Map<string, KnownDevice>();
  #bounds: DeviceBounds;
  #silent: Deadlines<KnownDevice>;
  readonly #isRetired: (key: string) => boolean;

  /** @param elapsedUs where time stands. */
  constructor(
    bounds: DeviceBounds,
    elapsedUs = 0,
    saved?: KnownDevicesSnapshot,
    isRetired: (key: string) => boolean = () => false,
  ) {
    this.#bounds = bounds;
    this.#isRetired = isRetired;
    if (saved !== undefined) this.#restore(saved);
    this.#silent = this.#watchAll(elapsedUs);
  }

  /** Other bounds are in force; what is known beyond lower ones stays until it is forgotten. */
  rebound(bounds: DeviceBounds, elapsedUs: number): void {
    const before = this.#bounds;
    this.#bounds = bounds;
    // Deadlines may move earlier: they are begun anew.
    if (bounds.retainUs !== before.retainUs) this.#silent = this.#watchAll(elapsedUs);
  }

  /** Lets time pass. @returns the keys of the devices that are forgotten by it, in order. */
  forget(elapsedUs: number): string[] {
    const forgotten: string[] = [];
    this.#silent.advance(elapsedUs, (device) => {
      this.#devices.delete(device.key);
      device.forgotten = true;
      forgotten.push(device.key);
    });
    return forgotten.toSorted();
  }

  /** Drops a device at once. */
  drop(key: string): void {
    const device = this.#devices.get(key);
    if (device === undefined) return;
    this.#devices.delete(key);
    device.forgotten = true;
  }

  /** Marks a device that is known. */
  retire(key: string, retired: boolean): void {
    const device = this.#devices.get(key);
    if (device === undefined) return;
    device.retired = retired;
    // Its windows and alerts end: what was linked is theirs no longer.
    device.windows = null;
    device.alerts = null;
  }

  #watchAll(elapsedUs: number): Deadlines<KnownDevice> {
    const { retainUs } = this.#bounds;
    const silent = new Deadlines<KnownDevice>(
      ({ seenElapsedUs, forgotten }) => (forgotten ? null : seenElapsedUs + retainUs),
      elapsedUs,
    );
    for (const device of this.#devices.values()) silent.watch(device);
    return silent;
  }

  /** The device of the route's key, made known if it is new; or why the reading is refused. */
  admit(
    route: Pick<Route, 'key' | 'known'>,
    { fields, shape }: DecodedPayload,
    elapsedUs: number,
  ): KnownDevice | Refusal {
    // Only a matching template lets an arrival come here, and that names a key.
    const key = route.key!;
    const known = route.known?.forgotten === false ? route.known : this.#devices.get(key);
    if (known !== undefined) {
      route.known = known;
      known.seenElapsedUs = elapsedUs;
      return known.shape === shape ? known : this.#addNames(known, fields, shape);
    }
    const { devicesMax } = this.#bounds;
    if (this.#devices.size >= devicesMax) {
      return refuse('too-many-devices', `the partition already knows ${devicesMax} devices`);
    }
    const device: KnownDevice = {
      key,
      seenElapsedUs: elapsedUs,
      givenUs: 0,
      greatestUs: 0,
      shape: 0,
      names: new Set(),
      repeats: new RecentHashes(),
      forgotten: false,
      retired: this.#isRetired(key),
      memory: null,
      windows: null,
      alerts: null,
      presence: null,
    };
    const admitted = this.#addNames(device, fields, shape);
    if (admitted !== device) return admitted;
    this.#devices.set(key, device);
    this.#silent.watch(device);
    route.known = device;
    return device;
  }

  #addNames(device: KnownDevice, fields: DecodedPayload['fields'], shape: number): KnownDevice | Refusal {
    const { fieldsPerDeviceMax } = this.#bounds;
    const fresh = Object.keys(fields).filter((name) => !device.names.has(name));
    if (fresh.length > 0 && device.names.size + fresh.length > fieldsPerDeviceMax) {
      return refuse('too-many-fields', `the device has sent more than ${fieldsPerDeviceMax} different fields`);
    }
    for (const name of fresh) device.names.add(name);
    device.shape = shape;
    return device;
  }

  /** @param shared names of the other parts of the same snapshot */
  snapshot(shared?: NameTable): KnownDevicesSnapshot {
    const columns = new ColumnWriter(shared, this.#room);
    const nameSets = new Map<string, { index: number; names: string[] }>();
    for (const device of this.#devices.values()) {
      const names = [...device.names];
      const text = names.join('\0');
      const set = nameSets.get(text) ?? { index: nameSets.size, names };
      nameSets.set(text, set);
      columns.text(device.key);
      columns.number(device.givenUs);
      columns.number(device.greatestUs);
      columns.number(device.shape);
      columns.whole(set.index);
      columns.number(device.seenElapsedUs);
      device.repeats.write(columns);
    }
    return { devices: columns.columns(), nameSets: [...nameSets.values()].map(({ names }) => names) };
  }

  #restore({ devices, nameSets }: KnownDevicesSnapshot): void {
    const columns = new ColumnReader(devices);
    while (!columns.isAtEnd) {
      const key = columns.text();
      const givenUs = columns.number();
      const greatestUs = columns.number();
      const shape = columns.number();
      const names = new Set(nameSets[columns.whole()]);
      const seenElapsedUs = columns.number();
      const repeats = RecentHashes.read(columns);
      const links = { memory: null, windows: null, alerts: null, presence: null };
      const flags = { forgotten: false, retired: this.#isRetired(key) };
      this.#devices.set(key, { key, seenElapsedUs, givenUs, greatestUs, shape, names, repeats, ...flags, ...links });
    }
  }
}

/** The event time of a reading that came without one: the log's, and later than the last so given. */
export function giveTime(device: KnownDevice, receivedAtUs: number, nowUs: number): number {
  device.givenUs = Math.max(Math.min(receivedAtUs, nowUs), device.givenUs + 1);
  return device.givenUs;
}

/**
 * Whether the device sent a reading of this time, shape and tags before; if not, it is remembered. A time above the
 * greatest is always new. At or below it a repeat is what is among the last `recentHashesMax`.
 */
export function isRepeat(device: KnownDevice, timeUs: number, shape: number, tagsHash: number): boolean {
  const a = finish(mixInteger(mixInteger(mixInteger(0, timeUs), shape), tagsHash));
  const b = finish(mixInteger(mixInteger(mixInteger(1, timeUs), shape), tagsHash));
  if (timeUs > device.greatestUs) device.greatestUs = timeUs;
  else if (device.repeats.has(a, b)) return true;
  device.repeats.add(a, b);
  return false;
}
