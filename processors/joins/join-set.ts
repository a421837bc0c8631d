import type { DerivedReading, Reading } from '../../events/reading.ts';
import type { JoinConfig } from '../../infra/config/schema.ts';
import { resetState, type StateChange } from '../change/state-change.ts';
import { configText } from '../snapshot/config-text.ts';
import type { LeftOut } from '../windows/groups-max.ts';
import { Join, type JoinCounts } from './join.ts';

/** Each join's state under the text of its configuration: state is put back only under the same. */
export type JoinSetSnapshot = readonly (readonly [config: string, state: unknown])[];

/** Names of the joins that are edited or new. */
export function freshJoins(before: readonly JoinConfig[], after: readonly JoinConfig[]): ReadonlySet<string> {
  const old = new Set(before.map(configText));
  return new Set(after.filter((config) => !old.has(configText(config))).map(({ name }) => name));
}

/** All joins of a configuration. They see the readings of all devices: they belong to the fleet worker. */
export class JoinSet {
  #joins: ReadonlyMap<string, Join>;
  #names: readonly string[];
  #rebuilt: readonly DerivedReading[] = [];

  constructor(configs: readonly JoinConfig[], restored: JoinSetSnapshot = []) {
    const states = new Map(restored);
    this.#joins = new Map(
      configs.map((config) => [configText(config), new Join(config, states.get(configText(config)))]),
    );
    this.#names = configs.map(({ name }) => name);
  }

  /** Unchanged joins keep their state, changed ones start afresh or with what was rebuilt: waiting ones cannot be kept. */
  reconfigure(configs: readonly JoinConfig[], change: StateChange = resetState): void {
    const { joins = [], derived = [] } = change.kind === 'rebuild' ? change.rebuilt : {};
    const states = new Map(joins);
    this.#rebuilt = derived;
    this.#joins = new Map(
      configs.map((config) => {
        const text = configText(config);
        return [text, this.#joins.get(text) ?? new Join(config, states.get(text))];
      }),
    );
    this.#names = configs.map(({ name }) => name);
  }

  /** What a rebuild found that changed joins had given, once: rules have judged it in the rebuild. */
  takeRebuilt(): readonly DerivedReading[] {
    const rebuilt = this.#rebuilt;
    this.#rebuilt = [];
    return rebuilt;
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
