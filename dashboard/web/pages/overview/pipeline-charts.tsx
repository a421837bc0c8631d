import type { PipelineSeries } from '../../../../events/pipeline.ts';
import { count, decimal, rate } from '../../words/numbers.ts';
import { OneChart, type PipelineChart, type Values } from './pipeline-chart.tsx';

/** Readings per second, sensor to screen, lag behind the log. Null: not loaded yet. */
export function PipelineCharts({
  series,
  spanMs,
  label,
}: {
  series: PipelineSeries | null;
  spanMs: number;
  label: string;
}) {
  const seconds = (values: Values) => values.map((ms) => (ms === null ? null : ms / 1000));
  const whole = (value: number | null) => count(value);
  const tenth = (value: number | null) => decimal(value, value !== null && value >= 100 ? 0 : 1);
  const charts: readonly PipelineChart[] = [
    {
      name: 'Readings',
      unit: '/s',
      key: [
        ['s1', 'received'],
        ['s6', 'stored'],
      ],
      first: series?.received ?? [],
      second: series?.stored ?? [],
      lines: ['received', 'stored'],
      banded: false,
      format: rate,
      endLabel: rate,
    },
    {
      name: 'Sensor to screen',
      unit: 'ms',
      key: [
        ['s1', 'p50'],
        ['band', 'to p99'],
      ],
      first: series?.screenP50 ?? [],
      second: series?.screenP99 ?? [],
      lines: ['p50', 'p99'],
      banded: true,
      format: whole,
      endLabel: (value) => `${count(value)} p99`,
    },
    {
      name: 'Lag behind the log',
      unit: 's',
      key: [
        ['s1', 'processors'],
        ['s6', 'InfluxDB'],
      ],
      first: seconds(series?.processorsLagMs ?? []),
      second: seconds(series?.influxLagMs ?? []),
      lines: ['processors', 'InfluxDB'],
      banded: false,
      format: tenth,
      endLabel: tenth,
    },
  ];
  return (
    <section class="sec cols3" aria-label="Pipeline over time">
      {charts.map((chart) => (
        <OneChart key={chart.name} chart={chart} series={series} spanMs={spanMs} label={label} />
      ))}
    </section>
  );
}
