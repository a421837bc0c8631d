import type { DeviceRow } from '../../../../events/api.ts';
import type { PipelineFigures } from '../../../../events/pipeline.ts';
import { beat, logNowMs } from '../../live/clock.ts';
import { unknownNow, unknownSince } from '../../live/unknown.ts';
import { Mark, presenceMark } from '../../parts/marks.tsx';
import { go } from '../../router/location.ts';
import { devicePath } from '../../router/routes.ts';
import { age } from '../../words/durations.ts';
import { count } from '../../words/numbers.ts';
import { nameOf, presenceWords } from '../../words/presence.ts';
import { cutMiddle } from '../../words/plurals.ts';

const rowsMax = 5;

/** Devices that are offline, or silent for longer than three of their intervals. */
export function NotReporting({
  rows,
  figures,
}: {
  rows: readonly DeviceRow[] | null;
  figures: PipelineFigures | null;
}) {
  void beat.value;
  const unknown = unknownNow();
  return (
    <section class="sec" aria-label="Not reporting">
      <header>
        <h2>Not reporting</h2>
        <span class="sub">
          {figures === null ? '' : `${count(figures.sensors.stale)} of ${count(figures.sensors.devices)}`}
        </span>
        <span class="grow" />
        <a class="link" href="/devices">
          Show all
        </a>
      </header>
      {rows === null || (rows.length === 0 && (figures?.sensors.stale ?? 0) > 0) ? (
        <div class="blank" />
      ) : rows.length === 0 ? (
        <p class="why dim">
          {unknown === null ? 'Every device reports.' : `Every device reported ${unknownSince[unknown]}.`}
        </p>
      ) : (
        <table>
          <tbody>
            {rows.slice(0, rowsMax).map((row) => (
              <tr key={row.key} class="row" onClick={() => go(devicePath(row.key))}>
                <td class="clip">
                  <a class="st" href={devicePath(row.key)} title={row.key}>
                    <Mark kind={unknown === null ? presenceMark(row) : 'unknown'} />
                    {cutMiddle(nameOf(row), 22)}
                  </a>
                </td>
                <td class="dim" title={presenceWords(row.presence, row.lastSeenUs, logNowMs())}>
                  {row.presence.state}
                </td>
                <td class="num">{age(logNowMs() - row.lastSeenUs / 1000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
