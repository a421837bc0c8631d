import { useMemo, useRef } from 'preact/hooks';
import type { PipelineSeries } from '../../../../events/pipeline.ts';
import { Chart, type Steering } from '../../chart/chart.tsx';
import { gapsOf } from '../../chart/gaps.ts';
import { chartSentence } from '../../chart/sentence.ts';
import type { ChartLine, ChartSpec } from '../../chart/spec.ts';
import { extent, settle, wantedRange, type YRange } from '../../chart/y-range.ts';
import { beat, logNowMs, serverNowMs } from '../../live/clock.ts';
import { pulse } from '../../live/feed.ts';
import { isLost } from '../../live/pulse.ts';
import { narrow } from '../../parts/narrow.ts';
import { duration } from '../../words/durations.ts';
import { clock } from '../../words/times.ts';

/** The range of these charts is the segmented control's: nothing else moves them. */
const still: Steering = { onZoom() {}, onReset() {}, onPan() {}, onScale() {} };
const sentenceEveryMs = 30_000;

export type Values = readonly (number | null)[];

export interface PipelineChart {
  readonly name: string;
  readonly unit: string;
  readonly key: readonly (readonly [mark: string, label: string])[];
  readonly first: Values;
  readonly second: Values;
  readonly lines: readonly [string, string];
  readonly banded: boolean;
  readonly format: (value: number | null) => string;
  readonly endLabel: (value: number) => string;
}

/** Two figures of the pipeline over time. */
export function OneChart({
  chart,
  series,
  spanMs,
  label,
}: {
  chart: PipelineChart;
  series: PipelineSeries | null;
  spanMs: number;
  label: string;
}) {
  void beat.value;
  const range = useRef<YRange | null>(null);
  const said = useRef({ atMs: -Infinity, text: '', label: '' });
  const lost = isLost(pulse.value);
  const times = useMemo(() => (series?.atUs ?? []).map((atUs) => atUs / 1e6), [series]);
  const to = Math.max(serverNowMs() / 1000, times.at(-1) ?? 0);
  const from = to - spanMs / 1000;
  const seen = extent(times, [chart.first, chart.second], from, to);
  range.current = settle(
    range.current,
    seen === null ? [0, 1] : wantedRange(0, Math.max(seen[1], 1), [], true),
    performance.now(),
  );
  if (seen === null) range.current = null;
  const y = range.current === null ? ([0, 1] as const) : ([range.current.low, range.current.high] as const);

  const line = (values: Values, color: ChartLine['color'], width: number): ChartLine => ({ values, color, width });
  const lastAt = chart.first.findLastIndex((value) => value !== null);
  const last = lastAt < 0 ? null : chart.first[lastAt]!;
  const second = chart.second.findLast((value) => value !== null) ?? null;
  const spec: ChartSpec = {
    from,
    to: to + (spanMs / 1000) * 0.008,
    y,
    times,
    lines: [
      line(chart.first, '--s1', 1.5),
      chart.banded ? line(chart.second, '--s1', 0.75) : line(chart.second, '--s6', 1.25),
    ],
    band: chart.banded ? [1, 0] : null,
    windows: null,
    open: [],
    states: null,
    hatches: [
      ...gapsOf(times, chart.first)
        .filter(({ from: start, to: end }) => end - start > Math.max(5, ((series?.stepUs ?? 0) / 1e6) * 2.5))
        .map(({ from: start, to: end }) => ({
          from: start,
          to: end,
          words: `not measured, ${duration(Math.round(end - start) * 1000)}`,
        })),
      ...(lost && lastAt >= 0 ? [{ from: times[lastAt]!, to, words: 'not received' }] : []),
    ],
    lanes: [],
    thresholds: [],
    range: null,
    edge: last === null ? null : { time: times[lastAt]!, value: last, label: chart.format(last), dead: lost },
    // Two lines that end as one need one label.
    ends:
      second === null || (!chart.banded && Math.abs(second - (last ?? 0)) < (y[1] - y[0]) * 0.03)
        ? []
        : [{ value: second, label: chart.endLabel(second) }],
  };
  if (logNowMs() - said.current.atMs >= sentenceEveryMs || said.current.label !== label || seen === null) {
    said.current = {
      atMs: seen === null ? -Infinity : logNowMs(),
      label,
      text: chartSentence({
        name: chart.name,
        of: '',
        span: `last ${label}`,
        low: seen === null ? null : chart.format(seen[0]),
        high: seen === null ? null : chart.format(seen[1]),
        now: last === null ? null : chart.format(last),
        unit: chart.unit,
        state: '',
      }),
    };
  }
  return (
    <Chart
      name={chart.name}
      unit={chart.unit}
      spec={spec}
      group="overview"
      showTimes
      gutter={narrow.value ? 54 : 58}
      steering={still}
      sentence={said.current.text}
      caption={(index) =>
        index === null || times[index] === undefined ? (
          chart.key.map(([mark, word]) => (
            <span class="key" key={word}>
              <i class={mark} />
              {word}
            </span>
          ))
        ) : (
          <>
            <span class="faint">{clock(times[index] * 1000)}</span> {chart.format(chart.first[index] ?? null)},{' '}
            {chart.lines[1]} {chart.format(chart.second[index] ?? null)}
          </>
        )
      }
      table={[
        { name: chart.lines[0], cell: (i) => chart.format(chart.first[i] ?? null) },
        { name: chart.lines[1], cell: (i) => chart.format(chart.second[i] ?? null) },
      ]}
    />
  );
}
