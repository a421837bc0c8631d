import type { DeviceAnswer } from '../../../../events/api.ts';
import type { WindowResult } from '../../../../events/window.ts';
import { age } from '../../words/durations.ts';
import { decimal, decimalsOf } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';
import { fieldInfo } from './fields.ts';

/** Rows shown; a device with many fields and windows has more. */
const rowsMax = 12;

/** What the open windows hold so far. They are marked partial: their results are still to come. */
export function OpenWindows({ device, nowMs }: { device: DeviceAnswer; nowMs: number }) {
  const shown = device.partials.slice(0, rowsMax);
  const more = device.partials.length - shown.length;
  return (
    <>
      <header class="sec-h">
        <h2>Open windows</h2>
        <span class="grow" />
        <span class="sub">partial</span>
      </header>
      <table>
        <tbody>
          {shown.map((partial) => {
            const { label, unit } = fieldInfo(device, partial.field);
            return (
              <tr key={`${partial.window} ${partial.field} ${partial.startUs}`}>
                <th scope="row" class="dim plain clip" title={`${partial.window} ${label}`}>
                  {`${partial.window} ${label}`}
                </th>
                <td class="num">
                  {meanText(partial, unit)}
                  <br />
                  <span class="dim">{soFar(partial, nowMs)}</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {more > 0 && <p class="why dim">{`${more} more`}</p>}
    </>
  );
}

function meanText({ mean }: WindowResult, unit: string): string {
  return mean === null ? '' : `mean ${decimal(mean, Math.min(decimalsOf(mean), 2))} ${unit}`;
}

/** "12 readings so far, 23 s left"; a session or a count window does not know its end. */
function soFar({ count, endUs, varies }: WindowResult, nowMs: number): string {
  const readings = `${plural(count, 'reading')} so far`;
  const leftMs = endUs / 1000 - nowMs;
  if (varies) return readings;
  return leftMs > 0 ? `${readings}, ${age(leftMs)} left` : `${readings}, about to close`;
}
