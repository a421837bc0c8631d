import type { PipelineSample, PipelineSeries } from '../../../../events/pipeline.ts';

type Column = Exclude<keyof PipelineSeries, 'stepUs' | 'atUs'>;
const columns = [
  'received',
  'stored',
  'screenP50',
  'screenP99',
  'processorsLagMs',
  'influxLagMs',
] as const satisfies readonly Column[];

/**
 * The series with one more sample at its end, as long in time as it was. Only a series of single seconds grows so; of
 * longer steps the server makes the means, and the page loads them anew.
 */
export function withSample(series: PipelineSeries, sample: PipelineSample, spanUs: number): PipelineSeries {
  const lastUs = series.atUs.at(-1);
  if (series.stepUs > 1_000_000 || (lastUs !== undefined && sample.atUs <= lastUs)) return series;
  const drop = Math.max(
    0,
    series.atUs.findIndex((atUs) => atUs >= sample.atUs - spanUs),
  );
  const grown: Record<string, unknown> = { stepUs: series.stepUs, atUs: [...series.atUs.slice(drop), sample.atUs] };
  for (const name of columns) grown[name] = [...series[name].slice(drop), sample[name]];
  return grown as unknown as PipelineSeries;
}
