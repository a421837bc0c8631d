import { useEffect, useMemo } from 'preact/hooks';
import type { DeviceAnswer } from '../../../../events/api.ts';
import { useResource } from '../../api/resource.ts';
import { rangeKey } from '../../chart/chart-keys.ts';
import { beat, logNowMs } from '../../live/clock.ts';
import { listenTo, onFrame, onReturn, pulse } from '../../live/feed.ts';
import { isLost } from '../../live/pulse.ts';
import { Mark, alertMark } from '../../parts/marks.tsx';
import { narrow } from '../../parts/narrow.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { place, setQuery } from '../../router/location.ts';
import { bounds, rangeOf, rangeQuery, type TimeRange } from '../../router/time-range.ts';
import { pageKeys } from '../../shell/keys.ts';
import { age } from '../../words/durations.ts';
import { cutMiddle } from '../../words/plurals.ts';
import { Aside } from './aside.tsx';
import { FieldChart } from './field-chart.tsx';
import { emptyTrace, FieldTraces } from './field-traces.ts';
import { byUrgency, fieldInfo } from './fields.ts';
import { useSteering } from './steering.ts';

const hourMs = 3_600_000;
const ranges = [
  ['-15m', '15 min'],
  ['-1h', '1 h'],
  ['-6h', '6 h'],
  ['-1d', '24 h'],
  ['-7d', '7 d'],
] as const;
const detailEveryMs = 5_000;

export function DevicePage({ deviceKey }: { deviceKey: string }) {
  const detail = useResource<DeviceAnswer>(`/devices/${encodeURIComponent(deviceKey)}`, {}, { everyMs: detailEveryMs });
  const device = detail.value.value;
  const failure = detail.failure.value;
  const name = device?.state.device ?? deviceKey.split('/').at(-1)!;
  useEffect(
    () => onFrame((frame) => void (frame.type === 'alert' && frame.transition.key === deviceKey && detail.reload())),
    [deviceKey],
  );
  if (device === null) {
    return (
      <>
        <div class="head">
          <a class="crumb only-desk" href="/devices">
            Devices
          </a>
          <h1 tabIndex={-1}>{name}</h1>
        </div>
        <div class="body">
          {failure === null ? (
            <section class="sec">
              <Loading what={name} sinceMs={detail.loadingSinceMs.value} />
            </section>
          ) : (
            <FailureNote
              what={failure.status === 404 ? `Nothing of ${name} has ever arrived.` : `${name} could not be loaded.`}
              failure={failure}
              goesOn={
                failure.status === 404 ? 'It appears here with its first reading.' : 'It is asked for again every 5 s.'
              }
              retry={() => void detail.reload()}
            />
          )}
        </div>
      </>
    );
  }
  return <Known device={device} deviceKey={deviceKey} />;
}

function Known({ device, deviceKey }: { device: DeviceAnswer; deviceKey: string }) {
  void beat.value;
  const { query } = place.value;
  const range = rangeOf(query, hourMs);
  const window = device.windows.find(({ name }) => name === query.get('window')) ?? null;
  const lost = isLost(pulse.value);
  const lostSinceMs =
    pulse.value.kind === 'lost' && pulse.value.lastFrameMs !== null
      ? logNowMs() - (Date.now() - pulse.value.lastFrameMs)
      : null;
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
  const shown = fields.map((field) => traces.traces.get(field) ?? emptyTrace(field));
  const { alert } = device.row;
  const firing = alert !== null && alert.state === 'firing' && !lost;
  return (
    <>
      <div class={lost ? 'head is-old' : 'head'}>
        <a class="crumb only-desk" href="/devices">
          Devices
        </a>
        <Mark
          kind={
            alert === null
              ? lost
                ? 'unknown'
                : device.row.stale
                  ? 'stale'
                  : 'online'
              : alertMark(alert.state, alert.severity, lost)
          }
          label={alert === null ? (device.row.stale ? 'stale' : 'online') : alert.severity}
        />
        <h1 tabIndex={-1} title={device.state.key}>
          {cutMiddle(device.state.device, 32)}
        </h1>
        <span class="sub only-desk">
          {Object.entries(device.state.tags).map(([tag, value]) => (
            <span key={tag} class="tag">
              {tag} <span class="mono">{value}</span>
            </span>
          ))}
        </span>
        {lost ? (
          <span class="pill">state unknown</span>
        ) : firing ? (
          <span class={`pill ${alert.severity}`}>firing {age(nowMs - alert.sinceUs / 1000)}</span>
        ) : device.row.stale ? (
          <span class="pill">stale {age(nowMs - device.state.lastSeenUs / 1000)}</span>
        ) : null}
        <span class="grow" />
        <Segmented
          label="Range"
          options={narrow.value ? ranges.filter(([value]) => value !== '-6h') : ranges}
          value={range.live ? (rangeQuery(range).from as (typeof ranges)[number][0]) : null}
          onChange={(from) => setQuery({ from, to: null }, true)}
        />
        {device.windows.length > 0 && (
          <span class="only-desk">
            <Segmented
              label="Window"
              options={[['', 'Raw'], ...device.windows.slice(0, 5).map(({ name }) => [name, name] as const)]}
              value={window?.name ?? ''}
              onChange={(name) => setQuery({ window: name === '' ? null : name }, true)}
            />
          </span>
        )}
        <button
          type="button"
          class={range.live && !lost ? 'btn primary' : 'btn'}
          aria-pressed={range.live}
          onClick={() => setQuery(rangeQuery({ live: true, spanMs: range.live ? range.spanMs : toMs - fromMs }), true)}
        >
          {lost ? 'Paused' : range.live ? 'Live' : `Go live, ${age(nowMs - range.toMs)} on`}
        </button>
      </div>
      <div class={lost ? 'body is-old' : 'body'}>
        <div class="split">
          <section class="sec charts" aria-label="Charts">
            {shown.map((trace, i) => {
              const info = fieldInfo(device, trace.field);
              return (
                <FieldChart
                  key={trace.field}
                  trace={trace}
                  device={device}
                  label={info.label}
                  unit={info.unit}
                  fromMs={fromMs}
                  toMs={toMs}
                  nowMs={nowMs}
                  live={range.live}
                  lostSinceMs={lostSinceMs}
                  window={window?.name ?? null}
                  first={i === 0}
                  showTimes={i === 0 || i === shown.length - 1}
                  steering={steering}
                  loadingSinceMs={trace.history === null ? traces.loadingSinceMs.value : null}
                  retry={() => void reload()}
                />
              );
            })}
          </section>
          <Aside device={device} nowMs={nowMs} lost={lost} traces={traces.traces} />
        </div>
      </div>
    </>
  );
}

/** Listens to the device first, then loads; loads anew every so often, and when the connection returns. */
function useTraces(key: string, fields: readonly string[], range: TimeRange, window: string | null) {
  const traces = useMemo(() => new FieldTraces(), []);
  const asked = { key, fields, range, window };
  const latest = useMemo(() => ({ asked }), []);
  latest.asked = asked;
  const reload = useMemo(
    () => () => {
      const { asked: now } = latest;
      const [fromMs, toMs] = bounds(now.range, logNowMs());
      const points = Math.min(
        5_000,
        Math.max(200, window === null ? Math.round(document.documentElement.clientWidth * 0.7) : 1_000),
      );
      return traces.load({ key: now.key, fields: now.fields, fromMs, toMs, points, window: now.window });
    },
    [],
  );
  const spanMs = range.live ? range.spanMs : range.toMs - range.fromMs;
  const fixed = range.live ? `live ${range.spanMs}` : `${range.fromMs} ${range.toMs}`;
  useEffect(() => {
    const listening = listenTo();
    listening.change([key]);
    const ends = [
      onFrame((frame) => {
        if (frame.type === 'readings') for (const item of frame.items) traces.take(item);
      }),
      onReturn(reload),
    ];
    return () => {
      listening.end();
      for (const end of ends) end();
    };
  }, [key]);
  useEffect(() => {
    void reload();
    if (!range.live) return;
    const everyMs = Math.min(300_000, Math.max(10_000, spanMs / 240));
    const timer = setInterval(() => !document.hidden && void reload(), everyMs);
    return () => clearInterval(timer);
  }, [key, fixed, window, fields.toSorted().join('\n')]);
  useEffect(() => () => traces.end(), []);
  return { traces, reload };
}
