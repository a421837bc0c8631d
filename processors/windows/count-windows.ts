import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import { isFleetWindow } from '../../infra/config/fleet-scope.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { Deadlines } from '../clock/deadlines.ts';
import type { LogTime } from '../clock/log-time.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { fieldPlan, type FieldPlan } from './aggregates/field-plan.ts';
import { FieldState } from './aggregates/field-state.ts';
import { groupFinder, type GroupKey } from './group-key.ts';
import { groupsMax } from './groups-max.ts';
import type { WindowOperator, WindowPlace } from './window-operator.ts';
import { windowResult } from './window-result.ts';
import { takenNames } from './window-state.ts';

interface Filling {
  count: number;
  startUs: number;
  lastUs: number;
  /** Messages of the log are missing that may have been for it. */
  incomplete: boolean;
  readonly state: FieldState;
}

interface CountGroup {
  key: GroupKey;
  /** `elapsed` at its last value. */
  seenElapsedUs: number;
  readonly fields: Map<string, Filling>;
  /** Windows of each field that have closed. */
  readonly closed: Map<string, number>;
}

/**
 * Windows of so many values of a field, in the order of the log, whatever their times: from the earliest to the
 * latest of them. A window closes with its last value; no reading is late, and silence closes nothing.
 */
export class CountWindows implements WindowOperator {
  readonly #name: string;
  readonly #count: number;
  readonly #plan: FieldPlan;
  readonly #fleet: boolean;
  readonly #groupKey: (reading: Reading) => GroupKey | null;
  readonly #room = new ColumnRoom();
  readonly #groups = new Map<string, CountGroup>();
  /** Groups of the fleet that nothing came of for `state.retain`. A device's are forgotten with it. */
  #silent: Deadlines<CountGroup>;
  leftOut = 0;

  constructor(config: WindowConfig, { elapsedUs, stateRetainUs = Infinity, restored }: WindowPlace) {
    this.#name = config.name;
    this.#count = config.count!;
    this.#plan = fieldPlan(config);
    this.#fleet = isFleetWindow(config);
    this.#groupKey = groupFinder(config.by);
    this.#silent = silence(stateRetainUs, elapsedUs);
    if (restored !== undefined) this.#restore(new ColumnReader(restored as Columns));
  }

  advance({ elapsedUs }: LogTime, origin: Origin, closed: WindowResult[]): void {
    this.#silent.advance(elapsedUs, (group) => {
      for (const [field, filling] of group.fields) closed.push(this.#close(group, field, filling, origin));
      this.#groups.delete(group.key.key);
    });
  }

  retainState(stateRetainUs: number, elapsedUs: number): void {
    this.#silent = silence(stateRetainUs, elapsedUs);
    if (this.#fleet) for (const group of this.#groups.values()) this.#silent.watch(group);
  }

  add(reading: Reading, { elapsedUs }: LogTime, closed: WindowResult[]): boolean {
    const key = this.#groupKey(reading);
    if (key === null) return false;
    const { timeUs, origin } = reading;
    const names = takenNames(this.#plan, reading);
    if (names.length === 0) return false;
    const group = this.#groupOf(key);
    if (group === null) return false;
    group.seenElapsedUs = elapsedUs;
    for (const field of names) {
      const filling = this.#fillingOf(group, field, timeUs);
      filling.state.add(reading.fields[field]!, timeUs);
      filling.startUs = Math.min(filling.startUs, timeUs);
      filling.lastUs = Math.max(filling.lastUs, timeUs);
      if (++filling.count < this.#count) continue;
      group.fields.delete(field);
      closed.push(this.#close(group, field, filling, origin));
    }
    if (this.#fleet) this.#silent.watch(group);
    return false;
  }

  revise(): void {}

  partials(key: string, origin: Origin, found: WindowResult[]): void {
    const group = this.#groups.get(key);
    for (const [field, filling] of group?.fields ?? [])
      found.push({ ...this.#result(group!.key, field, filling, origin), partial: true });
  }

  gap(): void {
    for (const { fields } of this.#groups.values()) for (const filling of fields.values()) filling.incomplete = true;
  }

  forget(key: string): number {
    const open = this.#groups.get(key)?.fields.size ?? 0;
    this.#groups.delete(key);
    return open;
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const { key, seenElapsedUs, fields, closed } of this.#groups.values()) {
      columns.source(key);
      columns.number(seenElapsedUs);
      columns.list([...fields], ([name, filling]) => {
        columns.fieldName(name);
        columns.number(filling.count);
        columns.real(filling.startUs);
        columns.real(filling.lastUs);
        columns.flag(filling.incomplete);
        filling.state.write(columns);
      });
      columns.list([...closed], ([name, count]) => {
        columns.fieldName(name);
        columns.number(count);
      });
    }
    return columns.columns();
  }

  #restore(columns: ColumnReader): void {
    while (!columns.isAtEnd) {
      const key = columns.source();
      const seenElapsedUs = columns.number();
      const fields = new Map(columns.list(() => [columns.fieldName(), this.#readFilling(columns)] as const));
      const closed = new Map(columns.list(() => [columns.fieldName(), columns.number()] as const));
      const group = { key, seenElapsedUs, fields, closed };
      this.#groups.set(key.key, group);
      if (this.#fleet) this.#silent.watch(group);
    }
  }

  #readFilling(columns: ColumnReader): Filling {
    const count = columns.number();
    const startUs = columns.real();
    const lastUs = columns.real();
    const incomplete = columns.flag();
    return { count, startUs, lastUs, incomplete, state: FieldState.read(this.#plan, columns) };
  }

  /** Null: it would be one too many. */
  #groupOf({ key, device, tags }: GroupKey): CountGroup | null {
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#fleet && this.#groups.size >= groupsMax) {
        this.leftOut++;
        return null;
      }
      group = { key: { key, device, tags }, seenElapsedUs: 0, fields: new Map(), closed: new Map() };
      this.#groups.set(key, group);
    } else if (group.key.tags !== tags || group.key.device !== device) group.key = { key, device, tags };
    return group;
  }

  #fillingOf({ fields }: CountGroup, field: string, timeUs: number): Filling {
    let filling = fields.get(field);
    if (filling === undefined) {
      filling = { count: 0, startUs: timeUs, lastUs: timeUs, incomplete: false, state: new FieldState(this.#plan) };
      fields.set(field, filling);
    }
    return filling;
  }

  #close(group: CountGroup, field: string, filling: Filling, origin: Origin): WindowResult {
    const ordinal = group.closed.get(field) ?? 0;
    group.closed.set(field, ordinal + 1);
    return { ...this.#result(group.key, field, filling, origin), ordinal };
  }

  #result(
    group: GroupKey,
    field: string,
    { startUs, lastUs, incomplete, state }: Filling,
    origin: Origin,
  ): WindowResult {
    const of = { window: this.#name, group, field, startUs, endUs: lastUs, revision: 0, incomplete, origin };
    return { ...windowResult(of, this.#plan, state), varies: true };
  }
}

function silence(retainUs: number, elapsedUs: number): Deadlines<CountGroup> {
  return new Deadlines(({ seenElapsedUs }) => seenElapsedUs + retainUs, elapsedUs);
}
