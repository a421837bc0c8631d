import type { DeviceAnswer, DeviceRule, HistoryAnswer } from '../../../../events/api.ts';
import { gapsOf } from '../../chart/gaps.ts';
import { joinLive, type Trace } from '../../chart/join-live.ts';
import { lanesOf } from '../../chart/lanes.ts';
import type { LiveTail } from '../../chart/live-tail.ts';
import type { ChartSpec, Edge, Hatch, Threshold, WindowColumns } from '../../chart/spec.ts';
import { statePartsOf } from '../../chart/state-parts.ts';
import type { Blind } from '../../live/unknown.ts';
import { extent } from '../../chart/y-range.ts';
import { duration } from '../../words/durations.ts';
import { decimal } from '../../words/numbers.ts';
import { resolution } from '../../words/resolution.ts';
import type { WindowResult } from '../../../../events/window.ts';
import type { FieldTrace } from './field-traces.ts';
import { closedSteps, openSteps } from './window-steps.ts';

export interface FieldView {
  /** Everything but the y range, which remembers what it was. */
  readonly spec: Omit<ChartSpec, 'y'>;
  readonly trace: Trace;
  readonly windows: WindowColumns | null;
  readonly decimals: number;
  /** Least and greatest in sight; null without readings. */
  readonly extent: readonly [number, number] | null;
  readonly last: { readonly timeMs: number; readonly value: number } | null;
  readonly limits: readonly number[];
}

interface Given {
  readonly trace: FieldTrace;
  readonly device: Pick<DeviceAnswer, 'rules' | 'transitions'>;
  /** Open windows so far, and those that closed while the page was open. */
  readonly partials: readonly WindowResult[];
  readonly closed: readonly WindowResult[];
  readonly fromMs: number;
  readonly toMs: number;
  /** How far past the last reading the axis runs while live, ms. */
  readonly aheadMs: number;
  /** The log's clock, ms. */
  readonly nowMs: number;
  /** Nothing is known any more, and why; null while it is. */
  readonly blind: Blind | null;
  /** What the configuration says its values can be. */
  readonly range?: readonly [low: number, high: number] | null;
  /** Silence after which the last reading is old, us. */
  readonly gapUs: number;
  readonly live: boolean;
  readonly states: boolean;
  /** Gaps are named: on the first chart of a stack, whose others have the same. */
  readonly worded: boolean;
  readonly window: string | null;
  /** Which number of the windows is drawn; the mean by default. */
  readonly aggregate?: string | null;
}

const empty: Omit<HistoryAnswer, 'key' | 'field' | 'fromUs' | 'toUs' | 'storedUpToUs'> = {
  kind: 'raw',
  stepUs: null,
  timesUs: [],
  values: [],
  min: [],
  max: [],
  texts: [],
  gapUs: Infinity,
  upToUs: null,
};

/** What the chart of one field shows. Pure: the same input, the same picture. */
export function fieldView(given: Given): FieldView {
  const { trace, fromMs, toMs, live, range = null } = given;
  const history = trace.history ?? empty;
  const joined = joinLive(history, trace.tail.points);
  const times = joined.timesUs.map((timeUs) => timeUs / 1e6);
  const shown = { field: trace.field, window: given.window, aggregate: given.aggregate ?? 'mean' };
  const windows = given.states || given.window === null ? null : closedSteps(trace.windows, given.closed, shown);
  // A page that knows nothing does not know what is open.
  const hasOpen = !given.states && given.window !== null && given.blind === null;
  const last = lastOf(joined, history, trace.tail);
  const from = fromMs / 1000;
  const to = (live ? toMs + given.aheadMs : toMs) / 1000;
  const rules = given.device.rules.filter((rule) => rule.field === trace.field);
  const untilUs = Math.min(given.blind?.sinceMs ?? given.nowMs, given.nowMs) * 1000;
  const decimals = resolution(history.kind === 'raw' ? joined.values : joined.max);
  // States are no line, and windows are drawn as steps.
  const isLine = !given.states && history.kind !== 'window';
  const none = isLine ? [] : joined.values.map(() => null);
  const label = (value: number) => decimal(value, decimals);
  const known = extent(times, [joined.values, joined.min, joined.max], from, to);
  return {
    trace: joined,
    windows,
    decimals,
    last,
    extent: known,
    limits: [
      ...rules.flatMap((rule) => thresholdsOf(rule).map(({ value }) => value)),
      ...(range === null ? [] : range),
    ],
    spec: {
      from,
      to,
      times,
      lines: [
        { values: isLine ? joined.values : none, color: '--s1', width: windows === null ? 1.25 : 0.5 },
        { values: isLine ? joined.max : none, color: '--s1', width: 0 },
        { values: isLine ? joined.min : none, color: '--s1', width: 0 },
      ],
      band: [1, 2],
      windows,
      open: hasOpen ? openSteps(given.partials, windows, shown, given.nowMs) : [],
      states: given.states ? statePartsOf(trace.history, trace.texts, untilUs) : null,
      hatches: hatches(given, times, joined, last, toMs),
      lanes: lanesOf(given.device.transitions, given.device.rules, trace.field, untilUs),
      thresholds: rules.flatMap((rule) => thresholdsOf(rule)),
      range: range === null || given.states ? null : { low: range[0], high: range[1] },
      edge:
        last !== null && last.timeMs >= fromMs && last.timeMs <= to * 1000 && live ? edgeOf(given, last, label) : null,
      ends: [],
    },
  };
}

function edgeOf(given: Given, last: { timeMs: number; value: number }, label: (value: number) => string): Edge {
  const dead = given.blind !== null || (given.nowMs - last.timeMs) * 1000 > given.gapUs;
  return { time: last.timeMs / 1000, value: last.value, label: label(last.value), dead };
}

/** The last reading: live, or the end of the history. Of buckets only the mean of the last one is known then. */
function lastOf(
  joined: Trace,
  { kind, upToUs }: Pick<HistoryAnswer, 'kind' | 'upToUs'>,
  tail: LiveTail,
): FieldView['last'] {
  const i = joined.values.findLastIndex((value) => value !== null);
  const endUs = i < 0 ? -Infinity : Math.max(joined.timesUs[i]!, kind === 'raw' ? -Infinity : (upToUs ?? -Infinity));
  if (tail.last !== null && tail.last.timeUs >= endUs)
    return { timeMs: tail.last.timeUs / 1000, value: tail.last.value };
  return i < 0 ? null : { timeMs: endUs / 1000, value: joined.values[i]! };
}

function hatches(
  given: Given,
  times: readonly number[],
  trace: Trace,
  last: { timeMs: number } | null,
  toMs: number,
): Hatch[] {
  const known = given.trace.history?.kind === 'text' ? given.trace.history.texts : trace.values;
  const found: Hatch[] = gapsOf(times, known).map(({ from, to }) => ({
    from,
    to,
    words: given.worded ? `no data, ${duration(Math.round(to - from) * 1000)}` : '',
  }));
  const { history } = given.trace;
  const beginsMs = (history?.fromUs ?? 0) / 1000;
  const endsMs = (history?.toUs ?? Infinity) / 1000;
  if (beginsMs > given.fromMs + 1_000)
    found.push({ from: given.fromMs / 1000, to: beginsMs / 1000, words: given.worded ? 'not loaded' : '' });
  if (!given.live && endsMs < Math.min(toMs, given.nowMs) - 1_000) {
    found.push({
      from: endsMs / 1000,
      to: Math.min(toMs, given.nowMs) / 1000,
      words: given.worded ? 'not loaded' : '',
    });
  }
  if (last === null || !given.live) return found;
  const now = given.nowMs / 1000;
  if (given.blind !== null)
    found.push({
      from: Math.min(last.timeMs, given.blind.sinceMs) / 1000,
      to: now,
      words: given.worded ? given.blind.words : '',
    });
  else if ((given.nowMs - last.timeMs) * 1000 > given.gapUs) {
    found.push({
      from: last.timeMs / 1000,
      to: toMs / 1000,
      words: given.worded ? `no data, ${duration(Math.floor(now - last.timeMs / 1000) * 1000)}` : '',
    });
  }
  return found;
}

/** "fires 85" in its severity and "clears 80", for a rule about readings or a window of them. */
function thresholdsOf(rule: DeviceRule): Threshold[] {
  const limits = [rule.above, rule.below].filter((limit): limit is number => limit !== null);
  const found: Threshold[] = limits.map((value) => ({
    value,
    label: `fires ${value}`,
    severity: rule.severity,
  }));
  if (rule.clear !== null && !limits.includes(rule.clear))
    found.push({ value: rule.clear, label: `clears ${rule.clear}`, severity: null });
  return found;
}
