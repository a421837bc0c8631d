import type { AlertState, Transition, UnknownReason } from '../../events/alert.ts';
import type { AlertStatus } from '../../events/device.ts';
import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import { isFleetWindow } from '../../infra/config/fleet-scope.ts';
import type { RuleConfig, WindowConfig } from '../../infra/config/schema.ts';
import { Deadlines } from '../clock/deadlines.ts';
import { durationText } from './duration-text.ts';
import {
  createCell,
  endCell,
  moveCell,
  saysNothing,
  statusOf,
  type AlertCell,
  type Cause,
  type Moment,
} from './alert-cell.ts';
import { ColumnRoom, type ColumnWriter } from '../snapshot/column-writer.ts';
import { writeCell } from './cell-columns.ts';
import type { DeviceAlerts } from './device-alerts.ts';
import { HotCell, judgeQuietly } from './hot-cell.ts';
import { compileThreshold, type Threshold } from './threshold.ts';

/** What is judged: a field of a reading, or an aggregate of a closed window (its time is the window's end). */
export interface Judged {
  readonly source: Pick<Reading, 'key' | 'device' | 'tags'>;
  readonly value: number;
  readonly timeUs: number;
  readonly origin: Origin;
}

/**
 * One threshold rule over all devices of a partition, a state machine for each:
 *
 *                    exceeds, no `for`
 *          ┌──────────────────────────────────────┐
 *          │                                      ▼
 *     unknown, ok ──exceeds──► pending ──`for`──► firing ──clears──► ok
 *                                 └──does not exceed──► ok
 *
 *     any ──nothing judged for `stale`──► unknown          unknown ──does not exceed──► ok
 *
 * `for` and `stale` count the log's `elapsed`, whatever the readings' own times. A message's clock moves before its
 * readings are judged, so an alert that is due fires even if the same message ends it. Readings not newer than the
 * last judged are skipped. Hysteresis (`clear`) holds only while firing. Of a window rule `stale` counts from when
 * the next result could have come: it is longer by the window's size
 * (of a session its gap; nobody knows how long a session or a count window takes).
 */
export class ThresholdRule {
  /** Among the rules of a configuration. */
  place = 0;
  /** For its part of a snapshot. */
  readonly room = new ColumnRoom();
  readonly #config: RuleConfig;
  readonly #threshold: Threshold;
  readonly #condition: string;
  readonly #where: readonly (readonly [name: string, value: string])[];
  readonly #forUs: number;
  readonly #staleUs: number;
  readonly #cells = new Map<string, HotCell>();
  /** Its keys are of groups, which no device's key names. */
  readonly #ofGroups: boolean;
  readonly #pending: Deadlines<AlertCell>;
  readonly #stale: Deadlines<AlertCell>;
  /** The limit that values are held against is one. */
  readonly #oneLimit: boolean;

  /** @param window the window that the rule judges; null for readings. @param elapsedUs where time stands. */
  constructor(config: RuleConfig, window: WindowConfig | null, elapsedUs: number, cells: Iterable<AlertCell> = []) {
    this.#config = config;
    this.#ofGroups = window !== null && isFleetWindow(window);
    this.#threshold = compileThreshold(config);
    this.#condition = conditionText(config, window, this.#threshold.text);
    this.#oneLimit = config.outside === undefined;
    this.#where = Object.entries(config.where);
    this.#forUs = Math.round(config.for * 1e3);
    this.#staleUs = Math.round((config.stale + (window?.size ?? window?.gap ?? 0)) * 1e3);
    this.#pending = new Deadlines((cell) => this.#firesAtUs(cell), elapsedUs);
    this.#stale = new Deadlines((cell) => this.#staleAtUs(cell), elapsedUs);
    this.inherit(cells);
  }

  /**
   * Takes over alerts, which are its own from now on: those of a snapshot, or of the rule that this one follows, under
   * the own limits from the next reading on.
   */
  inherit(cells: Iterable<AlertCell>): void {
    for (const source of cells) {
      const cell = new HotCell(source);
      cell.condition = this.#condition;
      cell.severity = this.#config.severity;
      this.#cells.set(cell.key, cell);
      this.#watch(cell);
    }
  }

  get name(): string {
    return this.#config.name;
  }

  get field(): string {
    return this.#config.field;
  }

  get window(): string | undefined {
    return this.#config.window;
  }

  get aggregate(): RuleConfig['aggregate'] {
    return this.#config.aggregate;
  }

  /** The way of most readings: all is well and stays so. False: it is not so, nothing was done. */
  judgeQuietly(numbers: Float64Array, value: number, timeUs: number, elapsedUs: number): boolean {
    return !this.#threshold.exceeds(value) && judgeQuietly(numbers, this.place, value, timeUs, elapsedUs);
  }

  /** @param known where the device's alerts are found without a look-up, from the second reading on. */
  judge(
    { source, value, timeUs, origin }: Judged,
    moment: Moment,
    transitions: Transition[],
    known: DeviceAlerts | null = null,
  ): void {
    if (this.#where.length > 0 && !this.concerns(source)) return;
    const cell = this.#cellOf(source, known);
    if (cell.tags !== source.tags) {
      // The tags of one topic are one object, and so is its device.
      cell.device = source.device;
      cell.tags = source.tags;
    }
    if (timeUs <= cell.judgedUs) return;
    cell.judgedUs = timeUs;
    cell.judgedElapsedUs = moment.elapsedUs;
    cell.value = value;
    const limit = this.#threshold.limitFor(value);
    if (cell.threshold !== limit) cell.threshold = limit;
    const to = this.#stateAfter(cell, value);
    if (saysNothing(cell, to)) {
      if (this.#oneLimit) cell.rest();
      return;
    }
    if (to === 'pending' && cell.state !== 'pending') cell.pendingElapsedUs = moment.elapsedUs;
    const wasUnknown = cell.state === 'unknown';
    this.#move(cell, to, { value, timeUs, origin, moment }, transitions);
    if (wasUnknown || to === 'pending') this.#watch(cell);
  }

  /** Lets time pass: what has pended long enough fires, what nothing was heard of is unknown. */
  advance(origin: Origin, moment: Moment, transitions: Transition[]): void {
    const at = { timeUs: moment.nowUs, origin, moment };
    const silence = { ...at, value: null, why: 'silence' } as const;
    this.#pending.advance(moment.elapsedUs, (cell) => {
      // Two seconds may pass at once: what was stale before it was due does not fire.
      if (this.#staleAtUs(cell)! <= this.#firesAtUs(cell)!) return;
      // Under a limit that was edited meanwhile the value may be well.
      const to = this.#threshold.exceeds(cell.value!) ? 'firing' : 'ok';
      cell.threshold = this.#threshold.limitFor(cell.value!);
      this.#move(cell, to, { ...at, value: cell.value }, transitions);
    });
    this.#stale.advance(moment.elapsedUs, (cell) => this.#move(cell, 'unknown', silence, transitions));
  }

  /** A device is gone: its alert ends. */
  forget(key: string, why: UnknownReason, origin: Origin, moment: Moment, transitions: Transition[]): void {
    const cell = this.#cells.get(key);
    if (cell === undefined || this.#ofGroups) return;
    this.#cells.delete(key);
    const cause = { rule: this.name, value: null, why, timeUs: moment.nowUs, origin, moment } as const;
    const transition = endCell(cell, cause);
    if (transition !== null) transitions.push(transition);
  }

  /** Messages of the log are missing: nobody knows what they would have said. */
  gap(origin: Origin, moment: Moment, transitions: Transition[]): void {
    const cause = { value: null, why: 'gap', timeUs: moment.nowUs, origin, moment } as const;
    for (const cell of this.#cells.values()) this.#move(cell, 'unknown', cause, transitions);
  }

  /** Whether the rule's `where` names the device. */
  concerns({ device, tags }: Pick<Reading, 'device' | 'tags'>): boolean {
    for (const [name, value] of this.#where) {
      if ((name === 'device' ? device : tags[name]) !== value) return false;
    }
    return true;
  }

  /** Keys of the devices it has judged. */
  keys(): Iterable<string> {
    return this.#cells.keys();
  }

  status(key: string): AlertStatus | null {
    const cell = this.#cells.get(key);
    return cell === undefined ? null : statusOf(this.name, cell);
  }

  write(columns: ColumnWriter): void {
    for (const cell of this.#cells.values()) writeCell(columns, cell);
  }

  /** The alerts on all devices; copies. */
  cells(): AlertCell[] {
    return Array.from(this.#cells.values(), (cell) => cell.copy());
  }

  /** In `elapsed`; null when it is not pending. */
  #firesAtUs(cell: AlertCell): number | null {
    return cell.state === 'pending' ? cell.pendingElapsedUs + this.#forUs : null;
  }

  /** In `elapsed`; null when it is unknown already. */
  #staleAtUs(cell: AlertCell): number | null {
    return cell.state === 'unknown' ? null : cell.judgedElapsedUs + this.#staleUs;
  }

  #stateAfter(cell: AlertCell, value: number): 'ok' | 'pending' | 'firing' {
    if (cell.state === 'firing') return this.#threshold.clears(value) ? 'ok' : 'firing';
    if (!this.#threshold.exceeds(value)) return 'ok';
    return this.#forUs === 0 ? 'firing' : 'pending';
  }

  #cellOf(source: Judged['source'], known: DeviceAlerts | null): HotCell {
    const linked = known?.cells[this.place];
    if (linked !== undefined) return linked;
    let cell = this.#cells.get(source.key);
    if (cell === undefined) {
      cell = new HotCell(createCell(source, this.field));
      cell.condition = this.#condition;
      cell.severity = this.#config.severity;
      this.#cells.set(source.key, cell);
    }
    if (known !== null) {
      known.cells[this.place] = cell;
      cell.moveTo(known.numbers, this.place);
    }
    return cell;
  }

  #move(cell: AlertCell, to: AlertState, cause: Omit<Cause, 'rule'>, transitions: Transition[]): void {
    const transition = moveCell(cell, to, { rule: this.name, ...cause });
    if (transition !== null) transitions.push(transition);
  }

  #watch(cell: AlertCell): void {
    this.#stale.watch(cell);
    if (cell.state === 'pending') this.#pending.watch(cell);
  }
}

function conditionText(config: RuleConfig, window: WindowConfig | null, limit: string): string {
  const what = window === null ? config.field : `${config.aggregate} of ${config.field} in ${window.name}`;
  return config.for === 0 ? `${what} ${limit}` : `${what} ${limit} for ${durationText(config.for)}`;
}
