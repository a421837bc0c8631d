import type { Reading } from '../../events/reading.ts';
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
import { groupFinder, type GroupKey } from './group-key.ts';
import { groupsMax } from './groups-max.ts';
import { SlidingPoints } from './sliding-points.ts';
import type { WindowOperator } from './window-operator.ts';
import { windowResult } from './window-result.ts';
import { takenNames } from './window-state.ts';

interface SlidingGroup {
  readonly key: string;
  greatestUs: number;
  readonly fields: Map<string, SlidingPoints>;
}

/**
 * The window `(time - size, time]` of each reading, which closes with it: one result for each reading and field. A
 * reading is late when its time is before the watermark; it changes nothing then. One that is out of order within the
 * lateness gives the result of its own time and is in the later ones from then on.
 */
export class SlidingWindows implements WindowOperator {
  readonly #name: string;
  readonly #plan: FieldPlan;
  readonly #sizeUs: number;
  readonly #latenessUs: number;
  readonly #fleet: boolean;
  readonly #groupKey: (reading: Reading) => GroupKey | null;
  readonly #room = new ColumnRoom();
  readonly #groups = new Map<string, SlidingGroup>();
  /** Groups of the fleet, by when no window reaches back to their last reading. A device's are forgotten with it. */
  readonly #over = new Deadlines<SlidingGroup>((group) => group.greatestUs + this.#sizeUs + this.#latenessUs);
  leftOut = 0;

  /** @param restored what `snapshot` returned. */
  constructor(config: WindowConfig, restored?: unknown) {
    this.#name = config.name;
    this.#plan = fieldPlan(config);
    this.#sizeUs = Math.round(config.size! * 1e3);
    this.#latenessUs = Math.round(config.lateness * 1e3);
    this.#fleet = isFleetWindow(config);
    this.#groupKey = groupFinder(config.by);
    if (restored !== undefined) this.#restore(new ColumnReader(restored as Columns));
  }

  advance({ nowUs }: LogTime): void {
    this.#over.advance(nowUs, ({ key }) => this.#groups.delete(key));
  }

  add(reading: Reading, { nowUs }: LogTime, closed: WindowResult[]): boolean {
    const key = this.#groupKey(reading);
    if (key === null) return false;
    const { timeUs, origin } = reading;
    const names = takenNames(this.#plan, reading);
    if (this.#fleet && (names.length === 0 || timeUs < nowUs - this.#latenessUs)) return names.length > 0;
    const group = this.#groupOf(key.key);
    if (group === null) return false;
    if (!this.#fleet && timeUs < group.greatestUs - this.#latenessUs) return names.length > 0;
    group.greatestUs = Math.max(group.greatestUs, timeUs);
    if (this.#fleet) this.#over.watch(group);
    const watermarkUs = (this.#fleet ? nowUs : group.greatestUs) - this.#latenessUs;
    for (const field of names) {
      const points = this.#pointsOf(group, field);
      points.add(timeUs, reading.fields[field]!);
      points.forgetUpTo(Math.min(watermarkUs, timeUs) - this.#sizeUs);
      const startUs = timeUs - this.#sizeUs;
      const of = { window: this.#name, group: key, field, startUs, endUs: timeUs, revision: 0, origin };
      closed.push(windowResult(of, this.#plan, points.between(startUs, timeUs)));
    }
    return false;
  }

  revise(): void {}

  /** A sliding window is never open: it begins and closes with its reading. */
  partials(): void {}

  forget(key: string): number {
    this.#groups.delete(key);
    return 0;
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const [key, { greatestUs, fields }] of this.#groups) {
      columns.text(key);
      columns.real(greatestUs);
      columns.list([...fields], ([name, points]) => {
        columns.fieldName(name);
        points.write(columns);
      });
    }
    return columns.columns();
  }

  #restore(columns: ColumnReader): void {
    while (!columns.isAtEnd) {
      const key = columns.text();
      const greatestUs = columns.real();
      const points = () => [columns.fieldName(), SlidingPoints.read(this.#plan, columns)] as const;
      const group = { key, greatestUs, fields: new Map(columns.list(points)) };
      this.#groups.set(key, group);
      if (this.#fleet) this.#over.watch(group);
    }
  }

  /** Null: it would be one too many. */
  #groupOf(key: string): SlidingGroup | null {
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#fleet && this.#groups.size >= groupsMax) {
        this.leftOut++;
        return null;
      }
      group = { key, greatestUs: 0, fields: new Map() };
      this.#groups.set(key, group);
    }
    return group;
  }

  #pointsOf({ fields }: SlidingGroup, field: string): SlidingPoints {
    let points = fields.get(field);
    if (points === undefined) {
      points = new SlidingPoints(this.#plan);
      fields.set(field, points);
    }
    return points;
  }
}
