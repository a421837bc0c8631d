import type { DeviceColumn, DeviceRow } from '../../../../events/api.ts';
import { logNowMs } from '../../live/clock.ts';
import { unknownNow } from '../../live/unknown.ts';
import { Mark, alertMark, presenceMark, type MarkKind } from '../../parts/marks.tsx';
import { Unit, valueText } from '../../parts/value.tsx';
import { go } from '../../router/location.ts';
import { devicePath } from '../../router/routes.ts';
import { age } from '../../words/durations.ts';
import { rate } from '../../words/numbers.ts';
import { nameOf, presenceWords } from '../../words/presence.ts';
import { cutMiddle } from '../../words/plurals.ts';

interface RowProps {
  readonly row: DeviceRow;
  /** Counted from 1, the head being the first. */
  readonly index: number;
  readonly columns: readonly DeviceColumn[];
  readonly decimals: Readonly<Record<string, number>>;
}

const nameMax = 28;
const tagMax = 16;

export function WideRow({ row, index, tags, columns, decimals }: RowProps & { readonly tags: readonly string[] }) {
  const [first, ...others] = columns;
  const state = stateOf(row);
  const cell = ({ name }: DeviceColumn, strong: boolean) => {
    const tone = state.firingField === name ? state.tone : '';
    return (
      <td key={name} class={`num ${strong || tone !== '' ? 'strong' : ''} ${tone}`}>
        {row.fields[name] === undefined ? <span class="faint">–</span> : valueText(row.fields[name], decimals[name])}
      </td>
    );
  };
  return (
    <tr class={row.stale ? 'stale row' : 'row'} aria-rowindex={index} onClick={() => go(devicePath(row.key))}>
      <td>
        <NameLink row={row} mark={state.mark} />
      </td>
      <td
        class={state.tone === '' ? 'dim' : state.tone}
        title={presenceWords(row.presence, row.lastSeenUs, logNowMs()) || undefined}
      >
        {state.word}
      </td>
      {tags.map((tag) => (
        <td key={tag} class="dim">
          {cutMiddle(row.tags[tag] ?? '', tagMax)}
        </td>
      ))}
      {first !== undefined && cell(first, true)}
      {first !== undefined && <td class="spark" />}
      {others.map((column) => cell(column, false))}
      <td class="num dim">{rate(row.ratePerS)}</td>
      <td class={`num ${row.stale ? 'strong' : 'dim'}`}>{age(logNowMs() - row.lastSeenUs / 1000)}</td>
    </tr>
  );
}

export function NarrowRow({ row, index, columns, decimals }: RowProps) {
  const state = stateOf(row);
  const field = row.spark?.field ?? Object.keys(row.fields)[0] ?? '';
  const unit = columns.find(({ name }) => name === field)?.unit ?? '';
  const matter = row.stale ? `${row.presence.state} ${age(logNowMs() - row.lastSeenUs / 1000)}` : state.word;
  // Many sites have a device of the same name.
  const said = [Object.values(row.tags).at(-1) ?? '', matter].filter((word) => word !== '').join(', ');
  return (
    <tr class={row.stale ? 'stale row' : 'row'} aria-rowindex={index} onClick={() => go(devicePath(row.key))}>
      <td class="clip">
        <NameLink row={row} mark={state.mark} /> <span class="faint">{said}</span>
      </td>
      <td class="spark" />
      <td class={`num strong ${state.firingField === field ? state.tone : ''}`}>
        {valueText(row.fields[field], decimals[field])}
        <Unit unit={unit} />
      </td>
    </tr>
  );
}

function NameLink({ row, mark }: { row: DeviceRow; mark: MarkKind }) {
  return (
    <a class="st" href={devicePath(row.key)} data-row title={row.key}>
      <Mark kind={mark} />
      <span class="strong">{cutMiddle(nameOf(row), nameMax)}</span>
    </a>
  );
}

interface State {
  readonly mark: MarkKind;
  readonly word: string;
  readonly tone: '' | 'crit' | 'warn';
  readonly firingField: string | null;
}

/** What is the matter with a device; blank when nothing is. */
function stateOf(row: DeviceRow): State {
  if (unknownNow() !== null) return { mark: 'unknown', word: 'unknown', tone: '', firingField: null };
  const { alert } = row;
  if (alert !== null && alert.state === 'firing') {
    const tone = alert.severity === 'critical' ? 'crit' : alert.severity === 'warning' ? 'warn' : '';
    return { mark: alertMark('firing', alert.severity, false), word: alert.severity, tone, firingField: alert.field };
  }
  if (alert !== null && alert.state === 'unknown')
    return { mark: 'unknown', word: 'unknown', tone: '', firingField: null };
  const mark = presenceMark(row);
  return { mark, word: mark === 'online' ? '' : mark, tone: '', firingField: null };
}
