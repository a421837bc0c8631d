import type { Transition, UnknownReason } from '../../events/alert.ts';
import type { AlertStatus } from '../../events/device.ts';
import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { JoinConfig, RuleConfig, WindowConfig } from '../../infra/config/schema.ts';
import { ruleKeepProblem } from '../../infra/config/keepable.ts';
import type { KnownDevice } from '../decode/known-devices.ts';
import { resetState, type StateChange } from '../change/state-change.ts';
import { configText } from '../snapshot/config-text.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import { NameTable } from '../snapshot/names.ts';
import type { AlertCell, Moment } from './alert-cell.ts';
import { readCell } from './cell-columns.ts';
import type { DeviceAlerts } from './device-alerts.ts';
import { disquiet, numbersOf } from './hot-cell.ts';
import { adopt, history, keep, retire, type Retirement } from './rule-edit.ts';
import { ThresholdRule } from './threshold-rule.ts';

/** Each rule's alerts under the text of its configuration: state is put back only under the same. */
export type RuleSetSnapshot = readonly (readonly [config: string, cells: Columns])[];

interface RuleConfigs {
  readonly rules: readonly RuleConfig[];
  readonly windows: readonly WindowConfig[];
  /** Of the fleet: a rule changes with the join that it judges, as with its window. */
  readonly joins?: readonly JoinConfig[];
}

/** All rules of a configuration. Those on readings are found by their field, those on windows by the window's name. */
export class RuleSet {
  #rules = new Map<string, ThresholdRule>();
  #edit: { readonly configs: RuleConfigs; readonly change: StateChange } | null = null;
  #gap = false;
  #byField = new Map<string, ThresholdRule[]>();
  #byWindow = new Map<string, ThresholdRule[]>();
  /** So that a reading costs one look-up, not one a rule. */
  #alerts = new Map<string, DeviceAlerts>();

  constructor(configs: RuleConfigs, elapsedUs: number, restored: RuleSetSnapshot = []) {
    const states = new Map(restored);
    this.#put(configs, (text, config, window) => {
      // Checkpoints of versions before named no join.
      const cells = cellsOf(states.get(text) ?? states.get(configText([config, window])), config.field);
      return new ThresholdRule(config, window, elapsedUs, cells);
    });
  }

  /**
   * Other rules are in force from the next message on. Unchanged ones (on unchanged windows) keep their state, the
   * alerts of a removed one end. With an edited one it is done as `change` says; where its state cannot be kept it
   * starts unknown, and remembers what its subscribers were told.
   */
  reconfigure(configs: RuleConfigs, change: StateChange = resetState): void {
    this.#edit = { configs, change };
  }

  /** Messages of the log are missing: from the next message on every alert is unknown until it is judged again. */
  gap(): void {
    this.#gap = true;
  }

  /** A device is gone: its alerts end. */
  forget(key: string, why: UnknownReason, origin: Origin, moment: Moment, transitions: Transition[]): void {
    this.#alerts.delete(key);
    for (const rule of this.#rules.values()) rule.forget(key, why, origin, moment, transitions);
  }

  /** A message's clock moves: edits and gaps take effect, then time passes. */
  advance(origin: Origin, moment: Moment, transitions: Transition[]): void {
    if (this.#gap) for (const rule of this.#rules.values()) rule.gap(origin, moment, transitions);
    this.#gap = false;
    const edit = this.#edit;
    this.#edit = null;
    if (edit !== null) this.#applyEdit(edit.configs, edit.change, { origin, moment, transitions });
    for (const rule of this.#rules.values()) rule.advance(origin, moment, transitions);
  }

  /** @param device where its alerts are found without a look-up, from the second reading on */
  judgeReading(
    reading: Reading,
    moment: Moment,
    transitions: Transition[],
    device: Pick<KnownDevice, 'alerts'> = { alerts: null },
  ): void {
    if (this.#byField.size === 0) return;
    if (device.alerts?.owner !== this.#alerts) device.alerts = this.#alertsOf(reading);
    const { alerts } = device;
    if (alerts.tags !== reading.tags) {
      // The tags of one topic are one object, and so is its device.
      alerts.tags = reading.tags;
      disquiet(alerts.numbers);
    }
    const { fields, timeUs, origin } = reading;
    for (const field in fields) {
      const rules = this.#byField.get(field);
      const value = fields[field]!;
      if (rules === undefined || typeof value === 'string') continue;
      const number = Number(value);
      for (const rule of rules) {
        if (rule.judgeQuietly(alerts.numbers, number, timeUs, moment.elapsedUs)) continue;
        rule.judge({ source: reading, value: number, timeUs, origin }, moment, transitions, alerts);
      }
    }
  }

  #alertsOf({ key, tags }: Reading): DeviceAlerts {
    let alerts = this.#alerts.get(key);
    if (alerts === undefined) {
      const { size } = this.#rules;
      const cells = Array.from({ length: size }, () => undefined);
      alerts = { owner: this.#alerts, tags, cells, numbers: numbersOf(size) };
      this.#alerts.set(key, alerts);
    }
    return alerts;
  }

  /** Closed windows are judged when they close, in order of their ends; a revision changes no judgement. */
  judgeWindow(result: WindowResult, moment: Moment, transitions: Transition[]): void {
    for (const rule of this.#byWindow.get(result.window) ?? []) {
      if (rule.field !== result.field || rule.aggregate === undefined || result.revision !== 0) continue;
      const value = result[rule.aggregate];
      if (typeof value !== 'number') continue;
      const judged = { source: result, value, timeUs: result.endUs, origin: result.origin };
      rule.judge(judged, moment, transitions);
    }
  }

  /** The alerts on these devices; without keys on all. */
  status(keys?: readonly string[]): AlertStatus[] {
    const found: AlertStatus[] = [];
    for (const rule of this.#rules.values()) {
      for (const key of keys ?? rule.keys()) {
        const status = rule.status(key);
        if (status !== null) found.push(status);
      }
    }
    return found;
  }

  snapshot(names = new NameTable()): RuleSetSnapshot {
    return Array.from(this.#rules, ([config, rule]) => {
      const columns = new ColumnWriter(names, rule.room);
      rule.write(columns);
      return [config, columns.columns()] as const;
    });
  }

  #applyEdit(configs: RuleConfigs, change: StateChange, retirement: Retirement): void {
    const before = this.#rules;
    const edited = new Map<string, { readonly text: string; readonly rule: ThresholdRule }>();
    this.#put(configs, (text, config, window) => {
      const same = before.get(text);
      if (same !== undefined) return same;
      const rule = new ThresholdRule(config, window, retirement.moment.elapsedUs);
      edited.set(rule.name, { text, rule });
      return rule;
    });
    for (const [text, rule] of before) {
      if (this.#rules.has(text)) continue;
      const successor = edited.get(rule.name);
      if (change.kind === 'keep' && successor !== undefined && isKeepable(text, successor.text))
        keep(rule, successor.rule, retirement);
      else retire(rule, successor?.rule, retirement);
    }
    // Looked up anew: the rules have other places and other alerts.
    this.#alerts = new Map();
    if (change.kind !== 'rebuild') return;
    const rebuilt = new Map(change.rebuilt.rules);
    for (const { text, rule } of edited.values()) adopt(rule, cellsOf(rebuilt.get(text), rule.field), retirement);
    history(change.rebuilt.transitions, new Set(edited.keys()), retirement);
  }

  #put(
    { rules, windows, joins = [] }: RuleConfigs,
    make: (text: string, config: RuleConfig, window: WindowConfig | null) => ThresholdRule,
  ): void {
    this.#rules = new Map(
      rules.map((config) => {
        const window = windows.find(({ name }) => name === config.window) ?? null;
        const join = window === null ? joins.find(({ name }) => name === config.field) : undefined;
        const text = configText(join === undefined ? [config, window] : [config, window, join]);
        return [text, make(text, config, window)];
      }),
    );
    const all = [...this.#rules.values()];
    for (const [place, rule] of all.entries()) rule.place = place;
    const onReadings = all.filter(({ window }) => window === undefined);
    this.#byField = Map.groupBy(onReadings, ({ field }) => field);
    this.#byWindow = Map.groupBy(
      all.filter(({ window }) => window !== undefined),
      ({ window }) => window!,
    );
  }
}

function* cellsOf(columns: Columns | undefined, field: string): Iterable<AlertCell> {
  if (columns === undefined) return;
  const reader = new ColumnReader(columns);
  while (!reader.isAtEnd) yield readCell(reader, field);
}

function isKeepable(before: string, after: string): boolean {
  const read = (text: string) => {
    const [rule, window] = JSON.parse(text) as [RuleConfig, WindowConfig | null];
    return { rule, window };
  };
  return ruleKeepProblem(read(before), read(after)) === null;
}
