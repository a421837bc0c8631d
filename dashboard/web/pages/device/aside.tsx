import type { AlertState } from '../../../../events/alert.ts';
import type { DeviceAnswer, DeviceRule } from '../../../../events/api.ts';
import type { FieldValue } from '../../../../events/reading.ts';
import type { WindowResult } from '../../../../events/window.ts';
import { ledgerDifference, type Ledger } from '../../../../events/ledger.ts';
import { Balance } from '../../flow/ledger-row.tsx';
import { CopyText } from '../../parts/copy.tsx';
import { Mark, alertMark } from '../../parts/marks.tsx';
import { Unit, valueText } from '../../parts/value.tsx';
import { age, duration } from '../../words/durations.ts';
import { decimal, decimalsOf, everyDigit } from '../../words/numbers.ts';
import { resolution } from '../../words/resolution.ts';
import { moment } from '../../words/times.ts';
import type { Unknown } from '../../live/unknown.ts';
import { Commands } from './commands.tsx';
import type { FieldTrace } from './field-traces.ts';
import { fieldInfo } from './fields.ts';
import { LifeActions } from './life-actions.tsx';
import { OpenWindows } from './open-windows.tsx';

interface AsideProps {
  readonly device: DeviceAnswer;
  /** Windows that closed while the page was open. */
  readonly closed: readonly WindowResult[];
  readonly nowMs: number;
  readonly unknown: Unknown;
  readonly traces: ReadonlyMap<string, FieldTrace>;
  /** In the order of the charts. */
  readonly fields: readonly string[];
  /** The window that the charts show. */
  readonly window: string | null;
  readonly reload: () => void;
}

/** Latest values, rules, open windows, ledger and where it comes from. */
export function Aside({ device, closed, nowMs, unknown, traces, fields, window, reload }: AsideProps) {
  const { state, rules, ledger } = device;
  const lost = unknown !== null;
  return (
    <aside class="sec">
      <header>
        <h2>Latest</h2>
        <span class="grow" />
        <span class="sub">{age(nowMs - latestMs(device, traces))} ago</span>
      </header>
      <table>
        <tbody>
          {Object.entries(state.fields).map(([name, field]) => {
            const info = fieldInfo(device, name);
            const firing = !lost && rules.find((rule) => rule.field === name && rule.state === 'firing');
            const live = traces.get(name)?.tail.points.at(-1)?.value ?? traces.get(name)?.texts.at(-1)?.text;
            const tone = firing ? (firing.severity === 'critical' ? 'crit' : 'warn') : '';
            return (
              <tr key={name}>
                <th scope="row" class="dim plain clip" title={name}>
                  {info.label}
                  {outside(live ?? field.value, info.range) && (
                    <span class="faint">
                      {' '}
                      out of {info.range!.map((limit) => decimal(limit, decimalsOf(limit))).join(' to ')}
                    </span>
                  )}
                </th>
                <td class={`num strong val ${tone}`}>
                  {valueText(live ?? field.value, decimalsHere(traces.get(name), field.value))}
                  <Unit unit={info.unit} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rules.length > 0 && (
        <>
          <header class="sec-h">
            <h2>Rules</h2>
          </header>
          <ul class="alist">
            {rules.map((rule) => (
              <RuleItem
                key={`${rule.rule} ${rule.field}`}
                rule={rule}
                unit={fieldInfo(device, rule.field).unit}
                nowMs={nowMs}
                unknown={unknown}
              />
            ))}
          </ul>
        </>
      )}
      {!lost && device.partials.length + closed.length > 0 && (
        <OpenWindows
          device={device}
          closed={closed}
          fields={fields}
          window={window}
          nowMs={nowMs}
          decimalsOf={(field) => decimalsHere(traces.get(field), state.fields[field]?.value ?? '')}
        />
      )}
      <Commands deviceKey={state.key} nowMs={nowMs} />
      <header class="sec-h">
        <h2>Ledger</h2>
        <span class="grow" />
        <span class="sub">{ledger !== null && <Balance difference={ledgerDifference(ledger)} />}</span>
      </header>
      {ledger === null ? (
        <p class="why dim">The partition's worker does not answer: its readings wait in the log.</p>
      ) : (
        <LedgerList ledger={ledger} />
      )}
      <dl class="dl">
        <dt>topic</dt>
        <dd>
          <CopyText text={state.topic} />
        </dd>
        {state.life.replacedBy !== null && (
          <>
            <dt>hardware</dt>
            <dd>
              <CopyText text={state.life.replacedBy} />
            </dd>
          </>
        )}
        {state.life.label !== '' && (
          <>
            <dt>name</dt>
            <dd>{state.device}</dd>
          </>
        )}
        <dt>clock</dt>
        <dd>{clockWords(state.clockOffsetUs)}</dd>
      </dl>
      <LifeActions device={device} reload={reload} />
    </aside>
  );
}

/** A value that the configuration says cannot be. */
function outside(value: FieldValue, range: readonly [number, number] | null): boolean {
  return typeof value === 'number' && range !== null && (value < range[0] || value > range[1]);
}

/** A value keeps its precision while it changes. */
function decimalsHere(trace: FieldTrace | undefined, value: FieldValue): number {
  const recent = trace?.tail.points.slice(-50).map((point) => point.value) ?? [];
  const history = trace?.history?.kind === 'raw' ? trace.history.values : (trace?.history?.max ?? []);
  return resolution([...history.slice(-100), ...recent, typeof value === 'number' ? value : null]);
}

function latestMs(device: DeviceAnswer, traces: ReadonlyMap<string, FieldTrace>): number {
  let latestUs = device.state.lastTimeUs;
  for (const { tail } of traces.values()) latestUs = Math.max(latestUs, tail.points.at(-1)?.timeUs ?? 0);
  return latestUs / 1000;
}

function LedgerList({ ledger }: { ledger: Ledger }) {
  const rows = (['received', 'stored', 'quarantined', 'duplicate', 'filtered', 'inFlight', 'late'] as const).filter(
    (name) => ledger[name] > 0 || !['filtered', 'inFlight'].includes(name),
  );
  return (
    <dl class="dl">
      {rows.map((name) => (
        <>
          <dt key={name}>
            {name === 'filtered' ? (
              <a class="link" href="/" title="The overview says by which transform">
                filtered
              </a>
            ) : name === 'inFlight' ? (
              'in flight'
            ) : (
              name
            )}
          </dt>
          <dd>{everyDigit(ledger[name])}</dd>
        </>
      ))}
    </dl>
  );
}

interface RuleProps {
  readonly rule: DeviceRule;
  readonly unit: string;
  readonly nowMs: number;
  readonly unknown: Unknown;
}

function RuleItem({ rule, unit, nowMs, unknown }: RuleProps) {
  const lost = unknown !== null;
  const limits = [rule.above ?? rule.below, rule.clear].filter((limit) => limit !== null).join(' / ');
  const since = rule.sinceUs === null ? '' : ` since ${moment(rule.sinceUs / 1000, nowMs)}`;
  const value = rule.value === null ? '' : `, ${decimal(rule.value, decimalsOf(rule.value))} at its last step`;
  return (
    <li>
      <Mark
        kind={rule.state === 'pending' ? 'info' : alertMark(rule.state, rule.severity, lost)}
        label={lost ? 'unknown' : rule.state}
      />
      <span class="t">{rule.rule.replaceAll('-', ' ')}</span>
      <span class="r">
        {limits} {unit}
      </span>
      <span class="m">
        {unknown !== null ? beforeWords(rule.state) : `${rule.state}${since}${rule.state === 'ok' ? '' : value}`}
      </span>
    </li>
  );
}

/** Of a state that nobody knows any more. The note above says why. */
function beforeWords(state: AlertState): string {
  return state === 'unknown' ? 'unknown' : `unknown, was ${state} before`;
}

function clockWords(offsetUs: number | null): string {
  if (offsetUs === null) return 'sends no time of its own';
  const ms = Math.abs(offsetUs) / 1000;
  return `${duration(Math.round(ms))} ${offsetUs > 0 ? 'ahead' : 'behind'}`;
}
