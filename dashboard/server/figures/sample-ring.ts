import type { OverviewRange } from '../../../events/api.ts';
import type { PipelineFigures, PipelineSample, PipelineSeries } from '../../../events/pipeline.ts';

/** Samples kept, one a second: 6 h. */
export const samplesMax = 6 * 3_600;

/** What each range shows and how far apart: 360 to 450 points. */
const ranges: Record<OverviewRange, { readonly seconds: number; readonly stepS: number }> = {
  '15m': { seconds: 900, stepS: 2 },
  '1h': { seconds: 3_600, stepS: 10 },
  '6h': { seconds: 21_600, stepS: 60 },
};

const columns = ['received', 'stored', 'screenP50', 'screenP99', 'processorsLagMs', 'influxLagMs'] as const;
type Column = (typeof columns)[number];

/** Where the worst of a step says more than its mean. */
const greatestOf: ReadonlySet<Column> = new Set<Column>(['screenP99', 'processorsLagMs', 'influxLagMs']);

/** The overview's charts: one sample a second for 6 h, 1.2 MB. A second without a sample stays unknown. */
export class SampleRing {
  readonly #values = Object.fromEntries(
    columns.map((column) => [column, new Float64Array(samplesMax).fill(Number.NaN)]),
  ) as Record<Column, Float64Array>;
  readonly #seconds = new Float64Array(samplesMax);

  add(sample: PipelineSample): void {
    const second = Math.floor(sample.atUs / 1e6);
    const slot = second % samplesMax;
    this.#seconds[slot] = second;
    for (const column of columns) this.#values[column][slot] = sample[column] ?? Number.NaN;
  }

  /** The range up to `nowUs`, from the first second that is known. */
  series(range: OverviewRange, nowUs: number): PipelineSeries {
    const { seconds, stepS } = ranges[range];
    const end = Math.floor(nowUs / 1e6 / stepS) * stepS;
    const atUs: number[] = [];
    const out = Object.fromEntries(columns.map((column) => [column, [] as (number | null)[]])) as Record<
      Column,
      (number | null)[]
    >;
    for (let at = end - seconds + stepS; at <= end; at += stepS) {
      const slots: number[] = [];
      for (let second = at - stepS + 1; second <= at; second++) {
        const slot = second % samplesMax;
        if (this.#seconds[slot] === second) slots.push(slot);
      }
      if (slots.length === 0 && atUs.length === 0) continue;
      atUs.push(at * 1e6);
      for (const column of columns) out[column].push(fold(this.#values[column], slots, greatestOf.has(column)));
    }
    return { stepUs: stepS * 1e6, atUs, ...out };
  }
}

function fold(values: Float64Array, slots: readonly number[], greatest: boolean): number | null {
  const known = slots.map((slot) => values[slot]!).filter((value) => !Number.isNaN(value));
  if (known.length === 0) return null;
  if (greatest) return Math.max(...known);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

export function sampleOf(figures: PipelineFigures): PipelineSample {
  return {
    atUs: figures.atUs,
    received: figures.ingest?.publishesPerS ?? null,
    stored: figures.influx?.storedPerS ?? null,
    screenP50: figures.live.screen.p50,
    screenP99: figures.live.screen.p99,
    processorsLagMs: figures.processors?.lagMs ?? null,
    influxLagMs: figures.influx?.lagMs ?? null,
  };
}
