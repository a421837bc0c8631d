import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import { isFleetWindow } from '../../infra/config/fleet-scope.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { windowKeepProblem } from '../../infra/config/keepable.ts';
import { resetState, type StateChange } from '../change/state-change.ts';
import type { LogTime } from '../clock/log-time.ts';
import type { KnownDevice } from '../decode/known-devices.ts';
import { inWindowOrder } from '../operators/output-order.ts';
import { NameTable } from '../snapshot/names.ts';
import { AlignedWindows } from './aligned-windows.ts';
import type { Fold } from './closing.ts';
import { createWindow } from './create-window.ts';
import { inFoldOrder } from './fold-order.ts';
import type { FoldSource } from './fold-source.ts';
import { FoldedWindows } from './folded-windows.ts';
import { DeviceSlots } from './device-slots.ts';
import type { LeftOut } from './groups-max.ts';
import type { WindowOperator } from './window-operator.ts';

/** Each window's state under the text of its configuration: state is put back only under the same. */
export interface WindowSetSnapshot {
  /** The greatest that the log's clock has been, us. */
  readonly clockUs: number;
  readonly windows: readonly (readonly [config: string, state: unknown])[];
}

/**
 * The windows it is given, all of one scope (`infra/config/fleet-scope.ts`): those of a partition's devices, or those
 * of the fleet. The log's clock may step back at a change of its leader; windows see the greatest it has been.
 */
export class WindowSet {
  /** Each behind the one that it is folded from. */
  #windows: ReadonlyMap<string, WindowOperator> = new Map();
  #clockUs: number;
  /** Results that a rebuild brought; the next message's step takes them along. */
  #rebuilt: readonly WindowResult[] = [];
  /** All of it spans devices: there is nothing to keep of one. */
  #fleet = false;
  #slots = new Map<string, DeviceSlots>();
  #stateRetainUs: number;

  /** @param stateRetainUs `state.retain`, which windows of the fleet go by; those of devices are told (`forget`) */
  constructor(
    configs: readonly WindowConfig[],
    elapsedUs: number,
    restored?: WindowSetSnapshot,
    stateRetainUs = Infinity,
  ) {
    this.#clockUs = restored?.clockUs ?? 0;
    this.#stateRetainUs = stateRetainUs;
    this.#put(configs, elapsedUs, new Map(restored?.windows));
  }

  /**
   * Unchanged windows keep their state, the open windows of removed ones are dropped, and with changed ones it is done
   * as `change` says.
   */
  reconfigure(configs: readonly WindowConfig[], elapsedUs: number, change: StateChange = resetState): void {
    if (change.kind === 'rebuild') this.#rebuilt = change.rebuilt.closed;
    const states = new Map(change.kind === 'rebuild' ? change.rebuilt.windows.windows : []);
    if (change.kind === 'keep') {
      for (const { config, text } of inFoldOrder(configs)) {
        const kept = this.#windows.has(text) ? undefined : this.#kept(config, text);
        if (kept !== undefined) states.set(text, kept);
      }
    }
    this.#put(configs, elapsedUs, states);
  }

  /** A folded window goes on if all that it is folded from do. */
  #kept({ name }: WindowConfig, text: string): unknown {
    const chainOf = (chain: string) => JSON.parse(`[${chain}]`) as WindowConfig[];
    const next = chainOf(text);
    for (const [oldText, window] of this.#windows) {
      const old = chainOf(oldText);
      if (old.at(-1)!.name !== name || old.length !== next.length) continue;
      if (next.some((config, i) => windowKeepProblem(old[i]!, config) !== null)) continue;
      window.stayClosed?.(this.#clockUs);
      return window.snapshot();
    }
    return undefined;
  }

  /** Another `state.retain` is in force. */
  retainState(stateRetainUs: number, elapsedUs: number): void {
    if (stateRetainUs === this.#stateRetainUs) return;
    this.#stateRetainUs = stateRetainUs;
    for (const window of this.#windows.values()) window.retainState?.(stateRetainUs, elapsedUs);
  }

  #put(configs: readonly WindowConfig[], elapsedUs: number, states: ReadonlyMap<string, unknown>): void {
    const windows = new Map<string, WindowOperator>();
    const sources = new Map<string, FoldSource>();
    const folds = new Map<FoldSource, Fold[]>();
    for (const { config, text } of inFoldOrder(configs)) {
      const source = config.from === undefined ? null : sources.get(config.from)!;
      const window =
        this.#windows.get(text) ??
        createWindow(config, source, {
          elapsedUs,
          slot: windows.size,
          stateRetainUs: this.#stateRetainUs,
          restored: states.get(text),
        });
      // Those of before go with the slots of before.
      if (window instanceof AlignedWindows) window.slot = windows.size;
      windows.set(text, window);
      if (window instanceof AlignedWindows || window instanceof FoldedWindows) {
        sources.set(config.name, window);
        folds.set(window, []);
      }
      if (window instanceof FoldedWindows) folds.get(source!)!.push(window);
    }
    for (const [source, into] of folds) source.foldInto(into);
    this.#windows = windows;
    this.#fleet = configs.every(isFleetWindow);
    this.#slots = new Map();
  }

  advance(at: LogTime, origin: Origin, closed: WindowResult[]): void {
    for (const result of this.#rebuilt) closed.push(result);
    this.#rebuilt = [];
    const time = this.#timeOf(at);
    for (const window of this.#windows.values()) window.advance(time, origin, closed);
  }

  /**
   * True: the reading is late for at least one window.
   * @param device where its slots are found without a look-up, from the second reading on
   */
  add(
    reading: Reading,
    at: LogTime,
    closed: WindowResult[],
    device: Pick<KnownDevice, 'windows'> = { windows: null },
  ): boolean {
    const time = this.#timeOf(at);
    let late = false;
    const slots = this.#fleet ? null : this.#slotsOf(reading, device);
    for (const window of this.#windows.values()) late = window.add(reading, time, closed, slots) || late;
    return late;
  }

  /** Ends a message: closed windows that it changed give their next revision. */
  revise(origin: Origin, closed: WindowResult[]): void {
    for (const window of this.#windows.values()) window.revise(origin, closed);
  }

  /** The open windows of a key so far, marked `partial`, the earliest end first. */
  partials(key: string, origin: Origin): WindowResult[] {
    const found: WindowResult[] = [];
    for (const window of this.#windows.values()) window.partials(key, origin, found);
    return found.toSorted(inWindowOrder);
  }

  /** Messages of the log are missing here. */
  gap(): void {
    for (const window of this.#windows.values()) window.gap?.();
  }

  /** Readings that windows of the fleet left out since the last call, as their groups would be too many. */
  takeLeftOut(): LeftOut[] {
    const found: LeftOut[] = [];
    for (const [text, window] of this.#windows) {
      if ((window.leftOut ?? 0) === 0) continue;
      const { name } = (JSON.parse(`[${text}]`) as WindowConfig[]).at(-1)!;
      found.push({ part: 'window', name, readings: window.leftOut! });
      window.leftOut = 0;
    }
    return found;
  }

  /** Drops all state of a device; its open windows are closed first. Groups of devices are none. */
  forget(key: string, origin: Origin, closed: WindowResult[]): void {
    if (this.#fleet) return;
    for (const window of this.#windows.values()) window.closeAll?.(key, origin, closed);
    for (const open of this.partials(key, origin)) closed.push(asClosed(open));
    this.#slots.delete(key);
    for (const window of this.#windows.values()) window.forget(key);
  }

  /** Drops all state of a device, its open windows too. */
  erase(key: string): void {
    if (this.#fleet) return;
    this.#slots.delete(key);
    for (const window of this.#windows.values()) window.forget(key);
  }

  snapshot(names = new NameTable()): WindowSetSnapshot {
    const windows = Array.from(this.#windows, ([config, window]) => [config, window.snapshot(names)] as const);
    return { clockUs: this.#clockUs, windows };
  }

  #slotsOf(reading: Reading, device: Pick<KnownDevice, 'windows'>): DeviceSlots {
    if (device.windows?.owner !== this.#slots) {
      let slots = this.#slots.get(reading.key);
      if (slots === undefined) {
        slots = new DeviceSlots(this.#slots, this.#windows.size);
        this.#slots.set(reading.key, slots);
      }
      device.windows = slots;
    }
    device.windows.know(reading);
    return device.windows;
  }

  #timeOf(at: LogTime): LogTime {
    if (at.nowUs >= this.#clockUs) {
      this.#clockUs = at.nowUs;
      return at;
    }
    return { nowUs: this.#clockUs, elapsedUs: at.elapsedUs };
  }
}

function asClosed({ partial: _, ...result }: WindowResult): WindowResult {
  return result;
}
