import type { Severity } from '../../../events/alert.ts';
import type { Token } from './colors.ts';
import type { Lane } from './lanes.ts';

/** What a chart draws. Times are seconds since the epoch, as uPlot has them. */
export interface ChartSpec {
  readonly from: number;
  readonly to: number;
  readonly y: readonly [low: number, high: number];
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Indices into `lines` between which a band is filled. */
  readonly band: readonly [high: number, low: number] | null;
  readonly windows: WindowColumns | null;
  /** Windows that are open: what they hold so far. */
  readonly open: readonly OpenStep[];
  /** Text and booleans: stretches of one value each, instead of lines. */
  readonly states: readonly StatePart[] | null;
  readonly hatches: readonly Hatch[];
  readonly lanes: readonly Lane[];
  readonly thresholds: readonly Threshold[];
  /** What the configuration says values can be; null: it says nothing. */
  readonly range: ValueRange | null;
  readonly edge: Edge | null;
  /** Labels at the right end of further lines. */
  readonly ends: readonly { readonly value: number; readonly label: string }[];
}

export interface ChartLine {
  readonly values: readonly (number | null)[];
  readonly color: Token;
  /** Design px; 0: only an edge of the band. */
  readonly width: number;
}

/** Windows: each drawn as a step of its mean over its own length, with its least to greatest behind. */
export interface WindowColumns {
  readonly starts: readonly number[];
  readonly size: number;
  readonly mean: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** What an open window holds, drawn from its start to now: it may still change. */
export interface OpenStep {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface StatePart {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Order of first sight. */
  readonly order: number;
}

/** A stretch without data; `words` stand beside or in it. */
export interface Hatch {
  readonly from: number;
  readonly to: number;
  readonly words: string;
}

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

export interface Threshold {
  readonly value: number;
  readonly label: string;
  /** Null: where an alert clears. */
  readonly severity: Severity | null;
}

/** The last reading. `dead`: silent for more than three intervals, or the connection is lost. */
export interface Edge {
  readonly time: number;
  readonly value: number;
  readonly label: string;
  readonly dead: boolean;
}
