import type { DerivedReading, Reading } from '../../events/reading.ts';
import type { JoinConfig } from '../../infra/config/schema.ts';
import { configText } from '../snapshot/config-text.ts';
import type { LeftOut } from '../windows/groups-max.ts';
import { Join, type JoinCounts } from './join.ts';

/** Each join's state under the text of its configuration: state is put back only under the same. */
export type JoinSetSnapshot = readonly (readonly [config: string, state: unknown])[];

/** All joins of a configuration. They see the readings of all devices: they belong to the fleet worker. */
export class JoinSet {
  #joins: ReadonlyMap<string, Join>;
  #names: readonly string[];

  constructor(configs: readonly JoinConfig[], restored: JoinSetSnapshot = []) {
    const states = new Map(restored);
    this.#joins = new Map(
      configs.map((config) => [configText(config), new Join(config, states.get(configText(config)))]),
    );
    this.#names = configs.map(({ name }) => name);
  }

  /** Unchanged joins keep their state, changed ones start afresh. */
  reconfigure(configs: readonly JoinConfig[]): void {
    this.#joins = new Map(
      configs.map((config) => [configText(config), this.#joins.get(configText(config)) ?? new Join(config)]),
    );
    this.#names = configs.map(({ name }) => name);
  }

  /** Takes a reading. @returns what that decides: only where a side was full */
  add(reading: Reading): DerivedReading[] {
    const joined: DerivedReading[] = [];
    for (const join of this.#joins.values()) join.add(reading, joined);
    return joined;
  }

  /**
   * Lets the log's clock move, before the readings of its message are added.
   * @returns derived readings in order of event time, join, group and device
   */
  advance({ nowUs }: { readonly nowUs: number }): DerivedReading[] {
    const joined: DerivedReading[] = [];
    for (const join of this.#joins.values()) join.advance(nowUs, joined);
    return joined.length > 1 ? joined.toSorted(inTimeOrder) : joined;
  }

  /** Readings that were left out since the last call, as their groups would be too many. */
  takeLeftOut(): LeftOut[] {
    const found: LeftOut[] = [];
    for (const [i, join] of [...this.#joins.values()].entries()) {
      if (join.leftOut > 0) found.push({ part: 'join', name: this.#names[i]!, readings: join.leftOut });
      join.leftOut = 0;
    }
    return found;
  }

  counts(): { readonly join: string; readonly counts: Readonly<JoinCounts> }[] {
    return Array.from(this.#joins.values(), ({ counts }, i) => ({ join: this.#names[i]!, counts }));
  }

  snapshot(): JoinSetSnapshot {
    return Array.from(this.#joins, ([config, join]) => [config, join.snapshot()] as const);
  }
}

/** Those that are equal here are of one group of one join, whose order a stable sort keeps. */
function inTimeOrder(a: DerivedReading, b: DerivedReading): number {
  return a.timeUs - b.timeUs || compare(a.processor, b.processor) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
