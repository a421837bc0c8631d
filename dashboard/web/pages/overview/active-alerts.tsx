import type { ActiveAlert } from '../../../../events/api-alerts.ts';
import { groupName } from '../../../../events/group-name.ts';
import type { AlertCounts } from '../../../../events/pipeline.ts';
import { beat, logNowMs } from '../../live/clock.ts';
import { unknownNow, unknownSince } from '../../live/unknown.ts';
import { Mark, alertMark } from '../../parts/marks.tsx';
import { narrow } from '../../parts/narrow.ts';
import { Trace } from '../../parts/trace.tsx';
import { valueText } from '../../parts/value.tsx';
import { go } from '../../router/location.ts';
import { cutMiddle } from '../../words/plurals.ts';
import { age } from '../../words/durations.ts';
import { countsWords } from '../alerts/words.ts';
import { useKeptDecimals } from '../../words/kept-decimals.ts';

export function alertPath(id: string): string {
  return `/alerts?id=${encodeURIComponent(id)}`;
}

/** Alerts that are on, most severe first. Null: not loaded yet. */
export function ActiveAlerts({
  alerts,
  counts,
}: {
  alerts: readonly ActiveAlert[] | null;
  counts: AlertCounts | null;
}) {
  void beat.value;
  const unknown = unknownNow();
  return (
    <section class="sec" aria-label="Active alerts">
      <header>
        <h2>Active alerts</h2>
        <span class="sub">{counts === null ? '' : countsWords(counts)}</span>
        <span class="grow" />
        <a class="link" href="/alerts">
          All alerts
        </a>
      </header>
      {alerts === null || (alerts.length === 0 && (counts?.total ?? 0) > 0) ? (
        <div class="blank" />
      ) : alerts.length === 0 ? (
        <p class="why dim">{unknown === null ? 'No rule fires.' : `No rule fired ${unknownSince[unknown]}.`}</p>
      ) : narrow.value ? (
        <AlertList alerts={alerts} />
      ) : (
        <AlertTable alerts={alerts} />
      )}
    </section>
  );
}

function AlertTable({ alerts }: { alerts: readonly ActiveAlert[] }) {
  const lost = unknownNow() !== null;
  const decimals = useKeptDecimals(new Map(alerts.map((alert) => [alert.id, alert.latest ?? alert.value])));
  return (
    <table data-list>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Rule</th>
          <th scope="col">Last 15 min</th>
          <th scope="col" class="num">
            Value
          </th>
          <th scope="col" class="num">
            For
          </th>
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <tr key={alert.id} class="row" onClick={() => go(alertPath(alert.id))}>
            <td>
              <a class="st" href={alertPath(alert.id)} data-row title={alert.key}>
                <Mark kind={alertMark(alert.state, alert.severity, lost)} label={lost ? 'unknown' : alert.severity} />
                <span class="strong">{groupName(alert)}</span>
              </a>{' '}
              {alert.device !== '' && <span class="faint">{cutMiddle(Object.values(alert.tags).join(', '), 24)}</span>}
            </td>
            <td class="dim rule">{alert.condition}</td>
            <td>{alert.device !== '' && <Trace device={alert.key} field={alert.field} severity={alert.severity} />}</td>
            <td class={`num strong ${lost ? '' : tone(alert)}`}>{latest(alert, decimals.get(alert.id))}</td>
            <td class="num">{age(logNowMs() - alert.firingSinceUs / 1000)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AlertList({ alerts }: { alerts: readonly ActiveAlert[] }) {
  const lost = unknownNow() !== null;
  const decimals = useKeptDecimals(new Map(alerts.map((alert) => [alert.id, alert.latest ?? alert.value])));
  return (
    <ul class="alist wraps" data-list>
      {alerts.map((alert) => (
        <li key={alert.id}>
          <Mark kind={alertMark(alert.state, alert.severity, lost)} label={lost ? 'unknown' : alert.severity} />
          <a class="t cover" href={alertPath(alert.id)} data-row>
            {groupName(alert)} <span class="dim">{alert.condition}</span>
          </a>
          <span class="strong">{latest(alert, decimals.get(alert.id))}</span>
          <span class="m">
            {[age(logNowMs() - alert.firingSinceUs / 1000), ...Object.values(alert.tags)].join(', ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

function latest(alert: ActiveAlert, decimals: number | undefined): string {
  const text = valueText(alert.latest ?? alert.value, decimals);
  return alert.unit === '' ? text : `${text} ${alert.unit}`;
}

function tone({ state, severity }: ActiveAlert): string {
  if (state !== 'firing') return '';
  return severity === 'critical' ? 'crit' : severity === 'warning' ? 'warn' : '';
}
