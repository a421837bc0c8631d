import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import { windowKeepProblem } from '../../infra/config/keepable.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { resetState, type StateChange } from '../change/state-change.ts';
import { configText } from '../snapshot/config-text.ts';
import { TumblingWindows } from './tumbling.ts';
import type { WindowOperator } from './window-operator.ts';

/** Each window's state under the text of its configuration: state is put back only under the same. */
export type WindowSetSnapshot = readonly (readonly [config: string, state: unknown])[];

/** Makes the operator of a configured window. A new kind of window is one more case. */
function createWindow(config: WindowConfig, elapsedUs: number, restored?: unknown): WindowOperator {
  switch (config.kind) {
    case 'tumbling':
      return new TumblingWindows(config, elapsedUs, restored);
  }
}

/** All windows of a configuration. */
export class WindowSet {
  #windows: ReadonlyMap<string, WindowOperator>;
  /** Results that a rebuild brought; the next message's step takes them along. */
  #rebuilt: readonly WindowResult[] = [];

  constructor(configs: readonly WindowConfig[], elapsedUs: number, restored: WindowSetSnapshot = []) {
    const states = new Map(restored);
    this.#windows = new Map(
      configs.map((config) => {
        const text = configText(config);
        return [text, createWindow(config, elapsedUs, states.get(text))];
      }),
    );
  }

  /**
   * Unchanged windows keep their state, the open windows of removed ones are dropped, and with changed ones it is done
   * as `change` says.
   */
  reconfigure(configs: readonly WindowConfig[], elapsedUs: number, change: StateChange = resetState): void {
    const before = this.#windows;
    const rebuilt = new Map(change.kind === 'rebuild' ? change.rebuilt.windows : []);
    if (change.kind === 'rebuild') this.#rebuilt = change.rebuilt.closed;
    const kept = (config: WindowConfig): unknown => {
      if (change.kind !== 'keep') return undefined;
      for (const [text, window] of before) {
        const old = JSON.parse(text) as WindowConfig;
        if (old.name === config.name && windowKeepProblem(old, config) === null) return window.snapshot();
      }
      return undefined;
    };
    this.#windows = new Map(
      configs.map((config) => {
        const text = configText(config);
        const state = () => rebuilt.get(text) ?? kept(config);
        return [text, before.get(text) ?? createWindow(config, elapsedUs, state())];
      }),
    );
  }

  /** True: the reading is late for at least one window. */
  add(reading: Reading, elapsedUs: number, closed: WindowResult[]): boolean {
    let late = false;
    for (const window of this.#windows.values()) late = window.add(reading, elapsedUs, closed) || late;
    return late;
  }

  advance(elapsedUs: number, origin: Origin, closed: WindowResult[]): void {
    for (const result of this.#rebuilt) closed.push(result);
    this.#rebuilt = [];
    for (const window of this.#windows.values()) window.advance(elapsedUs, origin, closed);
  }

  /** Drops all state of a device, its open windows are closed first. */
  forget(key: string, origin: Origin, closed: WindowResult[]): void {
    for (const window of this.#windows.values()) window.forget(key, origin, closed);
  }

  /** Messages of the log are missing here. */
  gap(): void {
    for (const window of this.#windows.values()) window.gap?.();
  }

  snapshot(): WindowSetSnapshot {
    return Array.from(this.#windows, ([config, window]) => [config, window.snapshot()] as const);
  }
}
