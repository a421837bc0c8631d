import { useRef } from 'preact/hooks';
import { deviceIntervalUs, gapUs } from '../../../../events/device.ts';
import type { DeviceAnswer } from '../../../../events/api.ts';
import type { WindowResult } from '../../../../events/window.ts';
import { Chart, type Steering } from '../../chart/chart.tsx';
import { chartSentence } from '../../chart/sentence.ts';
import { settle, wantedRange, type YRange } from '../../chart/y-range.ts';
import type { Blind } from '../../live/unknown.ts';
import { FailureNote, LoadingWords } from '../../parts/notes.tsx';
import { narrow } from '../../parts/narrow.ts';
import { duration } from '../../words/durations.ts';
import { decimal } from '../../words/numbers.ts';
import { clock } from '../../words/times.ts';
import { fieldView, type FieldView } from './field-spec.ts';
import type { FieldTrace } from './field-traces.ts';

interface FieldChartProps {
  readonly trace: FieldTrace;
  readonly device: DeviceAnswer;
  /** Windows that closed while the page was open. */
  readonly closed: readonly WindowResult[];
  readonly label: string;
  readonly unit: string;
  /** What the configuration says its values can be. */
  readonly range: readonly [number, number] | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  readonly live: boolean;
  readonly blind: Blind | null;
  readonly window: string | null;
  readonly showTimes: boolean;
  readonly first: boolean;
  readonly steering: Steering;
  /** When the first load began; null once something is loaded. */
  readonly loadingSinceMs: number | null;
  readonly retry: () => void;
}

const sentenceEveryMs = 30_000;

/** One field on the page's time axis. */
export function FieldChart(props: FieldChartProps) {
  const { trace, device, label, unit, fromMs, toMs, nowMs, live } = props;
  const range = useRef<YRange | null>(null);
  const said = useRef({ atMs: -Infinity, text: '', of: '' });
  const value = device.state.fields[trace.field]?.value;
  const view = fieldView({
    trace,
    device,
    partials: device.partials,
    closed: props.closed,
    range: props.range,
    fromMs,
    toMs,
    nowMs,
    live,
    aheadMs: (toMs - fromMs) * 0.008,
    blind: props.blind,
    gapUs: gapUs(device.state.fields[trace.field]?.intervalUs ?? deviceIntervalUs(device.state)),
    states: trace.history?.kind === 'text' || typeof value === 'boolean' || typeof value === 'string',
    worded: props.first,
    window: props.window,
  });
  const fixed = view.spec.states !== null || view.extent === null;
  if (!live || fixed) range.current = null;
  if (!fixed) range.current = settle(range.current, wantedRange(...view.extent, view.limits, false), performance.now());
  const y = range.current === null ? ([0, 1] as const) : ([range.current.low, range.current.high] as const);
  const spec = { ...view.spec, y };
  const of = `${fromMs} ${live}`;
  if (nowMs - said.current.atMs >= sentenceEveryMs || (!live && said.current.of !== of) || view.extent === null) {
    said.current = { atMs: view.extent === null ? -Infinity : nowMs, of, text: sentenceOf(props, view) };
  }
  if (trace.failure !== null && trace.history === null) {
    return (
      <figure class="fig">
        <figcaption class="cap">
          <h2>{label}</h2>
        </figcaption>
        <FailureNote
          what={`The history of ${label} could not be loaded.`}
          failure={trace.failure}
          goesOn="Live values go on."
          retry={props.retry}
        />
      </figure>
    );
  }
  const text = (number: number | null | undefined) => decimal(number, view.decimals);
  return (
    <Chart
      name={label}
      unit={unit}
      spec={spec}
      low={view.spec.states !== null}
      group="device"
      showTimes={props.showTimes}
      gutter={narrow.value ? 54 : 64}
      steering={props.steering}
      sentence={said.current.text}
      caption={(index) =>
        index === null && props.loadingSinceMs !== null ? (
          <LoadingWords what={`${duration(toMs - fromMs)} of ${device.state.device}`} sinceMs={props.loadingSinceMs} />
        ) : (
          <Readout view={view} index={index} unit={unit} window={props.window} failed={trace.failure !== null} />
        )
      }
      table={[
        { name: unit === '' ? label : `${label}, ${unit}`, cell: (i) => text(view.trace.values[i]) },
        ...(view.trace.min.some((least) => least !== null)
          ? [
              { name: 'least', cell: (i: number) => text(view.trace.min[i]) },
              { name: 'greatest', cell: (i: number) => text(view.trace.max[i]) },
            ]
          : []),
      ]}
    />
  );
}

interface ReadoutProps {
  readonly view: FieldView;
  readonly index: number | null;
  readonly unit: string;
  readonly window: string | null;
  readonly failed: boolean;
}

/** Values under the cursor: time, reading, mean of the window, least to greatest. */
function Readout({ view, index, unit, window, failed }: ReadoutProps) {
  if (index === null) {
    if (failed) return <span class="warn">history not renewed</span>;
    return view.spec.open.length === 0 ? null : <span class="faint">{`dashed: ${window} so far`}</span>;
  }
  const time = view.spec.times[index];
  if (time === undefined) return null;
  const text = (value: number | null | undefined) => decimal(value, view.decimals);
  const at = <span class="faint">{clock(time * 1000)}</span>;
  const state = view.spec.states?.findLast((part) => part.from <= time);
  if (view.spec.states !== null)
    return (
      <>
        {at} {state?.text ?? '–'}
      </>
    );
  const value = view.trace.values[index];
  if (value === null || value === undefined) return <>{at} no data</>;
  const least = view.trace.min[index] ?? null;
  const inWindow = view.windows === null ? -1 : view.windows.starts.findLastIndex((start) => start <= time);
  const mean =
    view.windows !== null && inWindow >= 0 && time < view.windows.starts[inWindow]! + view.windows.size
      ? view.windows.mean[inWindow]
      : null;
  const { range } = view.spec;
  const isOut = (number: number | null | undefined) =>
    range !== null && typeof number === 'number' && (number < range.low || number > range.high);
  const open = view.spec.open.findLast(({ from, to }) => from <= time && time < to);
  return (
    <>
      {at} {text(value)} {unit}
      {least !== null && least !== view.trace.max[index] && `, ${text(least)} to ${text(view.trace.max[index])}`}
      {range !== null && [value, least, view.trace.max[index]].some(isOut) && `, out of ${range.low} to ${range.high}`}
      {open !== undefined && `, ${window} so far ${text(open.mean)}, ${text(open.min)} to ${text(open.max)}`}
      {mean !== null &&
        mean !== undefined &&
        `, ${window} mean ${text(mean)}, ${text(view.windows!.min[inWindow])} to ${text(view.windows!.max[inWindow])}`}
    </>
  );
}

function sentenceOf({ trace, device, label, unit, fromMs, toMs, live }: FieldChartProps, view: FieldView): string {
  const rule = device.rules.find((one) => one.field === trace.field && one.state === 'firing');
  const text = (value: number) => decimal(value, view.decimals);
  return chartSentence({
    name: label,
    of: device.state.device,
    span: live ? `last ${duration(toMs - fromMs)}` : `${clock(fromMs)} to ${clock(toMs)}`,
    low: view.extent === null ? null : text(view.extent[0]),
    high: view.extent === null ? null : text(view.extent[1]),
    now: live && view.last !== null ? text(view.last.value) : null,
    unit,
    state: rule?.sinceUs === undefined || rule.sinceUs === null ? '' : `firing since ${clock(rule.sinceUs / 1000)}`,
  });
}
