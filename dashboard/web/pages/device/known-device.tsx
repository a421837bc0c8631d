import { useEffect } from 'preact/hooks';
import type { DeviceAnswer } from '../../../../events/api.ts';
import { rangeKey } from '../../chart/chart-keys.ts';
import { beat, logNowMs } from '../../live/clock.ts';
import { blindNow, unknownNow } from '../../live/unknown.ts';
import { useWindows } from '../../live/use-windows.ts';
import { ProcessingNote } from '../../parts/processing-note.tsx';
import { place, setQuery } from '../../router/location.ts';
import { bounds, rangeOf, rangeQuery } from '../../router/time-range.ts';
import { plural } from '../../words/plurals.ts';
import { pageKeys } from '../../shell/keys.ts';
import { Aside } from './aside.tsx';
import { DeviceHead } from './device-head.tsx';
import { FieldChart } from './field-chart.tsx';
import { emptyTrace } from './field-traces.ts';
import { byUrgency, fieldInfo } from './fields.ts';
import { defaultSpanMs, useSteering } from './steering.ts';
import { useTraces } from './use-traces.ts';

/** Charts of all fields on one time axis, the one in alert first; beside them the latest values. */
export function KnownDevice({
  device: loaded,
  deviceKey,
  reloadDevice,
}: {
  device: DeviceAnswer;
  deviceKey: string;
  reloadDevice: () => void;
}) {
  void beat.value;
  const { open, closed } = useWindows('device', deviceKey);
  const device = open === null ? loaded : { ...loaded, partials: open };
  const { query } = place.value;
  const range = rangeOf(query, defaultSpanMs);
  const window = device.windows.find(({ name }) => name === query.get('window')) ?? null;
  const { partition } = device;
  const unknown = unknownNow(partition);
  const blind = blindNow(partition);
  const nowMs = logNowMs();
  const [fromMs, toMs] = bounds(range, nowMs);
  const fields = byUrgency(device);
  const { traces, reload } = useTraces(deviceKey, fields, range, window?.name ?? null);
  const steering = useSteering(range);
  useEffect(() =>
    pageKeys({
      l: () => setQuery(rangeQuery({ live: true, spanMs: toMs - fromMs }), true),
      ...Object.fromEntries(['[', ']', '+', '-', '0'].map((key) => [key, () => void rangeKey(key, steering)])),
    }),
  );
  void traces.version.value;
  const beyond = Object.keys(device.state.fields).length - fields.length;
  const shown = fields.map((field) => traces.traces.get(field) ?? emptyTrace(field));
  return (
    <>
      <DeviceHead device={device} range={range} window={window?.name ?? null} unknown={unknown} nowMs={nowMs} />
      <div class={unknown !== null ? 'body is-old' : 'body'}>
        <ProcessingNote partition={partition} />
        <div class="split">
          <section class="sec charts" aria-label="Charts">
            {shown.map((trace, i) => {
              const info = fieldInfo(device, trace.field);
              return (
                <FieldChart
                  key={trace.field}
                  trace={trace}
                  device={device}
                  closed={closed}
                  label={info.label}
                  unit={info.unit}
                  range={info.range}
                  fromMs={fromMs}
                  toMs={toMs}
                  nowMs={nowMs}
                  live={range.live}
                  blind={blind}
                  window={window?.name ?? null}
                  first={i === 0}
                  showTimes={i === 0 || i === shown.length - 1}
                  steering={steering}
                  loadingSinceMs={trace.history === null ? traces.loadingSinceMs.value : null}
                  retry={() => void reload()}
                />
              );
            })}
            {beyond > 0 && (
              <p class="foot dim">{plural(beyond, 'further field')} without a chart: see the latest values.</p>
            )}
          </section>
          <Aside
            device={device}
            closed={closed}
            nowMs={nowMs}
            unknown={unknown}
            traces={traces.traces}
            fields={fields}
            window={window?.name ?? null}
            reload={reloadDevice}
          />
        </div>
      </div>
    </>
  );
}
