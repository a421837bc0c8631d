import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
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

  constructor(configs: readonly WindowConfig[], elapsedUs: number, restored: WindowSetSnapshot = []) {
    const states = new Map(restored);
    this.#windows = new Map(
      configs.map((config) => {
        const text = configText(config);
        return [text, createWindow(config, elapsedUs, states.get(text))];
      }),
    );
  }

  /** Unchanged windows keep their state, changed ones start afresh, the open windows of removed ones are dropped. */
  reconfigure(configs: readonly WindowConfig[], elapsedUs: number): void {
    this.#windows = new Map(
      configs.map((config) => {
        const text = configText(config);
        return [text, this.#windows.get(text) ?? createWindow(config, elapsedUs)];
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
    for (const window of this.#windows.values()) window.advance(elapsedUs, origin, closed);
  }

  snapshot(): WindowSetSnapshot {
    return Array.from(this.#windows, ([config, window]) => [config, window.snapshot()] as const);
  }
}
