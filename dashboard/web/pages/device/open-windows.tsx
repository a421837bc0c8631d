import type { DeviceAnswer } from '../../../../events/api.ts';
import type { WindowResult } from '../../../../events/window.ts';
import { Unit } from '../../parts/value.tsx';
import { age } from '../../words/durations.ts';
import { decimal } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';
import { AskForMore, askedText } from './asked.tsx';
import { fieldInfo } from './fields.ts';
import { openWindows, type OpenWindow } from './open-now.ts';

interface OpenWindowsProps {
  readonly device: DeviceAnswer;
  readonly closed: readonly WindowResult[];
  /** In the order of the charts. */
  readonly fields: readonly string[];
  /** The window that the charts show. */
  readonly window: string | null;
  readonly nowMs: number;
  readonly decimalsOf: (field: string) => number;
}

/**
 * What the open windows hold so far. They are marked partial: their results are still to come. Until the next one opens,
 * the result of the one before stands in its place.
 */
export function OpenWindows({ device, closed, fields, window, nowMs, decimalsOf }: OpenWindowsProps) {
  const windows = openWindows(device.partials, closed, fields, nowMs);
  // The others are a click away: a device may have many.
  const unfolded = windows.some(({ name }) => name === window) ? window : windows[0]?.name;
  return (
    <>
      <header class="sec-h">
        <h2>Open windows</h2>
        <span class="grow" />
        <span class="sub">mean, least to greatest</span>
      </header>
      <div class="open-windows">
        {windows.map((open) => (
          <details key={open.name} open={open.name === unfolded}>
            <summary>
              <span class="strong">{open.name}</span>
              <span class="so-far">{soFar(open, nowMs)}</span>
              <span class="pill">{open.isClosed ? 'final' : 'partial'}</span>
            </summary>
            <div class="rows" tabIndex={0} role="region" aria-label={`Fields of ${open.name}`}>
              <table>
                <tbody>
                  {open.results.map((result) => (
                    <Row key={result.field} device={device} partial={result} decimals={decimalsOf(result.field)} />
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        ))}
        <AskForMore window={unfolded ?? ''} />
      </div>
    </>
  );
}

function Row({ device, partial, decimals }: { device: DeviceAnswer; partial: WindowResult; decimals: number }) {
  const { label, unit } = fieldInfo(device, partial.field);
  const text = (value: number | null) => decimal(value, decimals);
  const asked = askedText(partial, decimals);
  return (
    <>
      <tr class={asked === '' ? undefined : 'with-more'}>
        <th scope="row" class="dim plain clip" title={label}>
          {label}
        </th>
        <td class="num strong">
          {text(partial.mean)}
          <Unit unit={unit} />
        </td>
        <td class="num dim">{partial.mean === null ? 'no number' : `${text(partial.min)} to ${text(partial.max)}`}</td>
      </tr>
      {asked !== '' && (
        <tr>
          <td colSpan={3} class="asked">
            {asked}
          </td>
        </tr>
      )}
    </>
  );
}

/** "23 readings · 1.9 s left"; a session or a count window does not know its end. */
function soFar({ count, endUs, varies, further, isClosed }: OpenWindow, nowMs: number): string {
  if (isClosed) return `${plural(count, 'reading')} · closed`;
  const leftMs = endUs / 1000 - nowMs;
  const end = varies ? [] : [leftMs > 0 ? `${age(leftMs)} left` : 'about to close'];
  return [plural(count, 'reading'), ...end, ...(further > 0 ? [`${further} more`] : [])].join(' · ');
}
