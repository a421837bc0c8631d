import type { Transition } from '../../events/alert.ts';
import type { AlertStatus } from '../../events/device.ts';
import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { RuleConfig, WindowConfig } from '../../infra/config/schema.ts';
import { configText } from '../snapshot/config-text.ts';
import { endCell, moveCell, type AlertCell, type Moment } from './alert-cell.ts';
import { ThresholdRule } from './threshold-rule.ts';

/** Each rule's alerts under the text of its configuration: state is put back only under the same. */
export type RuleSetSnapshot = readonly (readonly [config: string, cells: readonly AlertCell[]])[];

interface RuleConfigs {
  readonly rules: readonly RuleConfig[];
  readonly windows: readonly WindowConfig[];
}

/** All rules of a configuration. Those on readings are found by their field, those on windows by the window's name. */
export class RuleSet {
  #rules = new Map<string, ThresholdRule>();
  #edit: RuleConfigs | null = null;
  #byField = new Map<string, ThresholdRule[]>();
  #byWindow = new Map<string, ThresholdRule[]>();

  constructor(configs: RuleConfigs, elapsedUs: number, restored: RuleSetSnapshot = []) {
    const states = new Map(restored);
    this.#put(configs, (text, config, window) => new ThresholdRule(config, window, elapsedUs, states.get(text)));
  }

  /**
   * Other rules are in force from the next message on. Unchanged ones (on unchanged windows) keep their state. An
   * edited one starts unknown and remembers what its subscribers were told; the alerts of a removed one end.
   */
  reconfigure(configs: RuleConfigs): void {
    this.#edit = configs;
  }

  /** A message's clock moves: edits take effect, then time passes. */
  advance(origin: Origin, moment: Moment, transitions: Transition[]): void {
    if (this.#edit !== null) this.#applyEdit(this.#edit, { origin, moment, transitions });
    this.#edit = null;
    for (const rule of this.#rules.values()) rule.advance(origin, moment, transitions);
  }

  judgeReading(reading: Reading, moment: Moment, transitions: Transition[]): void {
    for (const field in reading.fields) {
      const rules = this.#byField.get(field);
      const value = reading.fields[field]!;
      if (rules === undefined || typeof value === 'string') continue;
      const judged = { source: reading, value: Number(value), timeUs: reading.timeUs, origin: reading.origin };
      for (const rule of rules) rule.judge(judged, moment, transitions);
    }
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

  snapshot(): RuleSetSnapshot {
    return Array.from(this.#rules, ([config, rule]) => [config, rule.cells()] as const);
  }

  #applyEdit(configs: RuleConfigs, retirement: Retirement): void {
    const before = this.#rules;
    const edited = new Map<string, ThresholdRule>();
    this.#put(configs, (text, config, window) => {
      const same = before.get(text);
      if (same !== undefined) return same;
      const rule = new ThresholdRule(config, window, retirement.moment.elapsedUs);
      edited.set(rule.name, rule);
      return rule;
    });
    for (const [text, rule] of before) if (!this.#rules.has(text)) retire(rule, edited.get(rule.name), retirement);
  }

  #put(
    { rules, windows }: RuleConfigs,
    make: (text: string, config: RuleConfig, window: WindowConfig | null) => ThresholdRule,
  ): void {
    this.#rules = new Map(
      rules.map((config) => {
        const window = windows.find(({ name }) => name === config.window) ?? null;
        const text = configText([config, window]);
        return [text, make(text, config, window)];
      }),
    );
    const all = [...this.#rules.values()];
    const onReadings = all.filter(({ window }) => window === undefined);
    this.#byField = Map.groupBy(onReadings, ({ field }) => field);
    this.#byWindow = Map.groupBy(
      all.filter(({ window }) => window !== undefined),
      ({ window }) => window!,
    );
  }
}

interface Retirement {
  readonly origin: Origin;
  readonly moment: Moment;
  readonly transitions: Transition[];
}

/** Ends the alerts of a rule that is edited (`successor`) or removed: they are unknown from now on. */
function retire(
  rule: ThresholdRule,
  successor: ThresholdRule | undefined,
  { origin, moment, transitions }: Retirement,
) {
  const inherited: AlertCell[] = [];
  for (const cell of rule.cells()) {
    const told = cell.told;
    const goesOn = successor !== undefined && successor.field === cell.field && successor.concerns(cell);
    const cause = { rule: rule.name, value: null, timeUs: moment.nowUs, origin, moment };
    const transition = goesOn ? moveCell(cell, 'unknown', cause) : endCell(cell, cause);
    if (transition !== null) transitions.push(transition);
    if (goesOn && told) inherited.push({ ...cell, judgedUs: 0 });
  }
  successor?.inherit(inherited);
}
