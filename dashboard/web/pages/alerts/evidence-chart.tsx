import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { HistoryAnswer } from '../../../../events/api.ts';
import { groupName } from '../../../../events/group-name.ts';
import type { ActiveAlert, AlertAnswer, PastAlert } from '../../../../events/api-alerts.ts';
import { useResource } from '../../api/resource.ts';
import { Chart, type Steering } from '../../chart/chart.tsx';
import { LiveTail } from '../../chart/live-tail.ts';
import { chartSentence } from '../../chart/sentence.ts';
import { settle, wantedRange, type YRange } from '../../chart/y-range.ts';
import { logNowMs } from '../../live/clock.ts';
import { listenTo, onFrame } from '../../live/feed.ts';
import { blindNow } from '../../live/unknown.ts';
import { useWindows } from '../../live/use-windows.ts';
import { narrow } from '../../parts/narrow.ts';
import { decimal } from '../../words/numbers.ts';
import { clock } from '../../words/times.ts';
import { fieldView } from '../device/field-spec.ts';
import { measured } from './words.ts';

const beforeMs = 900_000;
const afterMs = 300_000;
const reloadMs = 15_000;
const still: Steering = { onZoom() {}, onReset() {}, onPan() {}, onScale() {} };

interface EvidenceProps {
  readonly id: string;
  readonly answer: AlertAnswer;
  readonly known: ActiveAlert | PastAlert | null;
}

/** The judged field from a quarter of an hour before the firing, with its limits and lane. Live while the alert is on. */
export function EvidenceChart({ id, answer, known }: EvidenceProps) {
  const { unit, rule } = answer;
  const step = answer.steps[0]!;
  const active = known !== null && 'firingSinceUs' in known && 'state' in known;
  const sinceMs = (known?.firingSinceUs ?? step.sinceUs) / 1000;
  const nowMs = logNowMs();
  const endMs = known !== null && 'resolvedAtUs' in known ? known.resolvedAtUs / 1000 + afterMs : nowMs;
  const toMs = active ? nowMs : Math.min(nowMs, endMs);
  const fromMs = Math.floor((sinceMs - beforeMs) / 60_000) * 60_000;
  const isGroup = step.device === '';
  const windowName = rule?.window ?? null;
  const { open, closed } = useWindows(isGroup ? 'group' : 'device', isGroup && active ? step.key : null);
  // The end asked for moves once a minute; what comes after it is live.
  const span = { from: fromMs * 1000, to: Math.ceil((toMs + 1) / 60_000) * 60_000_000, points: 800 };
  const history = useResource<HistoryAnswer>(
    isGroup ? `/alerts/${encodeURIComponent(id)}/history` : `/devices/${encodeURIComponent(step.key)}/history`,
    isGroup ? span : { ...span, field: step.field },
    { keep: true, everyMs: active ? reloadMs : 0 },
  );
  const tail = useMemo(() => new LiveTail(), [id]);
  const range = useRef<YRange | null>(null);
  useEffect(() => {
    const listening = listenTo();
    listening.change([step.key]);
    const end = onFrame((frame) => {
      if (frame.type !== 'readings') return;
      for (const item of frame.items) {
        const value = item.fields[step.field];
        if (item.key === step.key && typeof value === 'number') tail.add(item.time, value);
      }
    });
    return () => {
      listening.end();
      end();
    };
  }, [step.key, step.field, tail]);

  const rules = rule === null ? [] : [rule];
  const view = fieldView({
    trace: {
      field: step.field,
      history: history.value.value,
      windows: isGroup ? history.value.value : null,
      failure: null,
      tail,
      texts: [],
    },
    device: { rules, transitions: answer.steps },
    partials: open ?? [],
    closed,
    fromMs,
    toMs,
    nowMs,
    live: active,
    aheadMs: (toMs - fromMs) * 0.008,
    blind: blindNow(null),
    gapUs: history.value.value?.gapUs ?? Infinity,
    states: false,
    worded: true,
    window: isGroup ? windowName : null,
    aggregate: rule?.aggregate ?? null,
  });
  range.current =
    view.extent === null
      ? null
      : settle(range.current, wantedRange(...view.extent, view.limits, false), performance.now());
  const y = range.current === null ? ([0, 1] as const) : ([range.current.low, range.current.high] as const);
  const text = (value: number | null | undefined) => decimal(value, view.decimals);
  const failure = history.failure.value;
  if (isGroup && failure?.status === 404)
    return (
      <p class="why dim">
        There is no chart of this: it is about several devices, and only windows that follow each other in one length
        are stored as a history of theirs.
      </p>
    );
  const name = isGroup ? measured(step) : step.field;
  return (
    <div class="evidence">
      <Chart
        name={name}
        unit={unit}
        spec={{ ...view.spec, y }}
        group={`alert ${id}`}
        showTimes
        gutter={narrow.value ? 54 : 64}
        steering={still}
        sentence={chartSentence({
          name,
          of: groupName({ ...step, label: answer.label }),
          span: `from ${clock(fromMs)}`,
          low: view.extent === null ? null : text(view.extent[0]),
          high: view.extent === null ? null : text(view.extent[1]),
          now: null,
          unit,
          state: `firing since ${clock(sinceMs)}`,
        })}
        caption={(index) =>
          index === null || view.spec.times[index] === undefined ? (
            failure === null ? null : (
              <span class="warn">{failure.message}</span>
            )
          ) : (
            <>
              <span class="faint">{clock(view.spec.times[index] * 1000)}</span> {text(view.trace.values[index])} {unit}
            </>
          )
        }
        table={[{ name, cell: (i) => text(view.trace.values[i]) }]}
      />
    </div>
  );
}
