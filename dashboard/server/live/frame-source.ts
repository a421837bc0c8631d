import type { AlertFrame, DevicesFrame, ReadingsFrame, WindowsFrame } from '../../../events/frames.ts';
import type { LiveReading } from '../../../events/live.ts';
import type { AlertBook } from '../alerts/alert-book.ts';
import type { DeviceEntry } from '../devices/device-entry.ts';
import type { DeviceMirror } from '../devices/device-mirror.ts';
import type { Subscription } from './client-message.ts';
import type { TickChanges } from './tick-changes.ts';
import type { WindowWatch } from './window-watch.ts';

/** Devices in one frame; a list of 10,000 new ones is asked for by REST. */
const rowsPerFrameMax = 500;

/** Builds the frames of one tick, each subscription's once. */
export class FrameSource {
  readonly #mirror: DeviceMirror;
  readonly #alerts: AlertBook;
  readonly #changes: TickChanges;
  readonly #windows: WindowWatch;
  readonly #built = new Map<string, readonly string[]>();

  constructor(mirror: DeviceMirror, alerts: AlertBook, changes: TickChanges, windows: WindowWatch) {
    this.#mirror = mirror;
    this.#alerts = alerts;
    this.#changes = changes;
    this.#windows = windows;
  }

  /** For a viewer that has everything up to the tick before. */
  current(subscription: Subscription): readonly string[] {
    const id = JSON.stringify(subscription);
    let frames = this.#built.get(id);
    if (frames === undefined) this.#built.set(id, (frames = this.#build(subscription)));
    return frames;
  }

  /** For one that missed what came after `tick`: the devices as they are now. Transitions it missed are not repeated. */
  catchUp({ devices, windows }: Subscription, tick: number): readonly string[] {
    const missed = (devices === 'all' ? [...this.#mirror.entries()] : this.#entries(devices)).filter(
      (entry) => Math.max(entry.valuesTick, entry.rowTick) > tick,
    );
    const values = missed.filter((entry) => entry.valuesTick > tick).map((entry) => entry.latest());
    return [
      ...this.#readings(values),
      ...this.#rows(missed.filter((entry) => entry.rowTick > tick)),
      ...windowsFrames(this.#windows.known(windows, tick)),
    ];
  }

  #build({ devices, alerts, windows }: Subscription): readonly string[] {
    const { rows, forgotten, transitions } = this.#changes;
    const readings = devices === 'all' ? this.#changes.merged() : this.#changes.of(devices);
    const changed = devices === 'all' ? [...rows] : this.#entries(devices).filter((entry) => rows.has(entry));
    const gone = devices === 'all' ? forgotten : forgotten.filter((key) => devices.includes(key));
    const frames = [
      ...this.#readings(readings),
      ...this.#rows(changed, gone),
      ...windowsFrames(this.#windows.changed(windows)),
    ];
    if (alerts)
      for (const transition of transitions) {
        const label = this.#mirror.get(transition.key)?.state.life.label ?? '';
        const frame: AlertFrame = { type: 'alert', transition, label, counts: this.#alerts.counts() };
        frames.push(JSON.stringify(frame));
      }
    return frames;
  }

  #readings(items: readonly LiveReading[]): readonly string[] {
    if (items.length === 0) return [];
    const frame: ReadingsFrame = { type: 'readings', nowUs: this.#mirror.nowUs ?? 0, items };
    return [JSON.stringify(frame)];
  }

  #rows(entries: readonly DeviceEntry[], forgotten: readonly string[] = []): readonly string[] {
    if (entries.length + forgotten.length === 0) return [];
    const nowUs = this.#mirror.nowUs ?? 0;
    const items = entries
      .slice(0, rowsPerFrameMax)
      .map((entry) => entry.row(nowUs, this.#alerts.worst(entry.state.key), false));
    const frame: DevicesFrame = {
      type: 'devices',
      items,
      ...(forgotten.length > 0 ? { forgotten: [...forgotten] } : {}),
    };
    return [JSON.stringify(frame)];
  }

  #entries(keys: readonly string[]): DeviceEntry[] {
    return keys.map((key) => this.#mirror.get(key)).filter((entry) => entry !== undefined);
  }
}

export function windowsFrames(items: WindowsFrame['items']): readonly string[] {
  return items.length === 0 ? [] : [JSON.stringify({ type: 'windows', items } satisfies WindowsFrame)];
}
