import type { DeviceAnswer } from '../../../../events/api.ts';
import { Mark, alertMark, presenceMark, type MarkKind } from '../../parts/marks.tsx';
import { narrow } from '../../parts/narrow.ts';
import { Segmented } from '../../parts/segmented.tsx';
import { setQuery } from '../../router/location.ts';
import { rangeQuery, type TimeRange } from '../../router/time-range.ts';
import type { Unknown } from '../../live/unknown.ts';
import { age } from '../../words/durations.ts';
import { nameOf, presenceWords } from '../../words/presence.ts';
import { cutMiddle } from '../../words/plurals.ts';

const ranges = [
  ['-15m', '15 min'],
  ['-1h', '1 h'],
  ['-6h', '6 h'],
  ['-1d', '24 h'],
  ['-7d', '7 d'],
] as const;

/** Windows offered beside the raw readings. */
const windowsMax = 5;

interface DeviceHeadProps {
  readonly device: DeviceAnswer;
  readonly range: TimeRange;
  readonly window: string | null;
  readonly unknown: Unknown;
  readonly nowMs: number;
}

/** Name, tags and state of the device; range, window and the way back to live. */
export function DeviceHead({ device, range, window, unknown, nowMs }: DeviceHeadProps) {
  const isUnknown = unknown !== null;
  const lost = unknown === 'lost';
  const spanMs = range.live ? range.spanMs : range.toMs - range.fromMs;
  return (
    <div class={isUnknown ? 'head is-old' : 'head'}>
      <a class="crumb only-desk" href="/devices">
        Devices
      </a>
      <State device={device} lost={isUnknown} />
      <h1 tabIndex={-1} title={device.state.key}>
        {cutMiddle(nameOf(device.state), 32)}
      </h1>
      <span class="sub only-desk">
        {Object.entries(device.state.tags).map(([tag, value]) => (
          <span key={tag} class="tag">
            {tag} <span class="mono">{value}</span>
          </span>
        ))}
      </span>
      <Pill device={device} lost={isUnknown} nowMs={nowMs} />
      <span class="controls">
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
              options={[['', 'Raw'], ...device.windows.slice(0, windowsMax).map(({ name }) => [name, name] as const)]}
              value={window ?? ''}
              onChange={(name) => setQuery({ window: name === '' ? null : name }, true)}
            />
          </span>
        )}
        <button
          type="button"
          class={range.live && !lost ? 'btn primary' : 'btn'}
          aria-pressed={range.live}
          onClick={() => setQuery(rangeQuery({ live: true, spanMs }), true)}
        >
          {lost ? 'Paused' : range.live ? 'Live' : `Go live, ${age(nowMs - range.toMs)} on`}
        </button>
      </span>
    </div>
  );
}

function State({ device, lost }: { device: DeviceAnswer; lost: boolean }) {
  const { alert } = device.row;
  const kind: MarkKind = lost
    ? 'unknown'
    : alert === null
      ? presenceMark(device.row)
      : alertMark(alert.state, alert.severity, false);
  return <Mark kind={kind} label={kind} />;
}

function Pill({ device, lost, nowMs }: { device: DeviceAnswer; lost: boolean; nowMs: number }) {
  const { alert } = device.row;
  if (lost) return <span class="pill">state unknown</span>;
  if (alert !== null && alert.state === 'firing') {
    return <span class={`pill ${alert.severity}`}>firing {age(nowMs - alert.sinceUs / 1000)}</span>;
  }
  if (device.state.life.retired) return <span class="pill">retired</span>;
  const words = presenceWords(device.state.presence, device.state.lastSeenUs, nowMs);
  return words === '' ? null : <span class="pill">{words}</span>;
}
