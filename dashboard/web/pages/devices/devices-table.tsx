import { useEffect, useRef } from 'preact/hooks';
import type { DeviceColumn, DeviceRow, DevicesAnswer } from '../../../../events/api.ts';
import { beat } from '../../live/clock.ts';
import { Mark } from '../../parts/marks.tsx';
import { narrow, roomyColumns } from '../../parts/narrow.ts';
import { rowHeight } from '../../parts/row-height.ts';
import { SparkCanvas, type SparkRow } from '../../parts/spark-canvas.tsx';
import { Unit } from '../../parts/value.tsx';
import { decimalsOf } from '../../words/numbers.ts';
import type { DeviceList } from './device-list.ts';
import { NarrowRow, WideRow } from './device-rows.tsx';
import { byField, type Sort } from './order.ts';
import { useVisibleRows } from './visible-rows.ts';

interface DevicesTableProps {
  readonly list: DeviceList;
  readonly answer: Omit<DevicesAnswer, 'items'>;
  readonly order: readonly string[];
  readonly sort: Sort;
  readonly onSort: (by: string) => void;
  /** The pointer or the focus is in the table. */
  readonly onHold: (held: boolean) => void;
  /** Keys of the rows drawn. */
  readonly onView: (keys: readonly string[]) => void;
}

/** A real table of which only the rows in view and 20 around them are drawn. */
export function DevicesTable({ list, answer, order, sort, onSort, onHold, onView }: DevicesTableProps) {
  void beat.value;
  const body = useRef<HTMLTableSectionElement>(null);
  const height = rowHeight();
  const [from, to] = useVisibleRows(body, order.length, height);
  const keys = order.slice(from, to);
  const rows = keys.map((key) => list.rows.get(key)).filter((row): row is DeviceRow => row !== undefined);
  useEffect(() => onView(keys), [keys.join('\n')]);

  const room = roomyColumns();
  // Those that most of the matches have come first.
  const columns = answer.columns.slice(0, room.fields);
  const decimals = useDecimals(rows, columns);
  const tags = answer.tags.slice(0, room.tags).map(({ name }) => name);
  const slim = narrow.value;
  const span = slim ? 3 : 4 + tags.length + columns.length + (columns.length > 0 ? 1 : 0);
  const head = { sort, onSort };
  return (
    <div
      class="sparked"
      data-list
      onPointerEnter={() => onHold(true)}
      onPointerLeave={() => onHold(false)}
      onFocusCapture={() => onHold(true)}
      onBlurCapture={() => onHold(false)}
    >
      <table class="devices" aria-rowcount={answer.matched + 1}>
        <thead class={slim ? 'unseen' : 'stick'}>
          <tr aria-rowindex={1}>
            <Head {...head} by="name" label="Device" />
            {!slim && <Head {...head} by="state" label="State" />}
            {!slim &&
              tags.map((tag) => (
                <Head {...head} key={tag} by={`tag:${tag}`} label={`${tag[0]!.toUpperCase()}${tag.slice(1)}`} />
              ))}
            {!slim && columns.slice(0, 1).map((column) => <FieldHead {...head} key={column.name} column={column} />)}
            {(columns.length > 0 || slim) && (
              <th scope="col" class="spark">
                Last 15 min
              </th>
            )}
            {slim && (
              <th scope="col" class="num">
                Value
              </th>
            )}
            {!slim && columns.slice(1).map((column) => <FieldHead {...head} key={column.name} column={column} />)}
            {!slim && <Head {...head} by="rate" label="Rate" unit="/s" num />}
            {!slim && <Head {...head} by="seen" label="Last reading" num />}
          </tr>
        </thead>
        <tbody ref={body}>
          {from > 0 && <Spacer rows={from} height={height} span={span} />}
          {rows.map((row, i) =>
            slim ? (
              <NarrowRow key={row.key} row={row} index={from + i + 2} columns={answer.columns} decimals={decimals} />
            ) : (
              <WideRow key={row.key} row={row} index={from + i + 2} tags={tags} columns={columns} decimals={decimals} />
            ),
          )}
          {to < order.length && <Spacer rows={order.length - to} height={height} span={span} />}
        </tbody>
      </table>
      {(columns.length > 0 || slim) && (
        <SparkCanvas
          body={body}
          rows={rows.map((row) => sparkRow(row, slim ? null : (columns[0]?.name ?? null)))}
          top={(slim ? 0 : headHeight()) + from * height}
          rowHeight={height}
        />
      )}
    </div>
  );
}

function headHeight(): number {
  return 28 * (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
}

/** @param beside the field beside which the trace stands: another field's would be taken for it. Null: the row's own. */
function sparkRow(row: DeviceRow, beside: string | null): SparkRow {
  const spark = beside === null || row.spark?.field === beside ? row.spark : null;
  const firing = row.alert?.state === 'firing' && row.alert.field === spark?.field ? row.alert.severity : 'info';
  return { points: spark?.points ?? [], tone: firing === 'info' ? (row.stale ? 'dim' : 'normal') : firing };
}

/** Decimals per column: the most that any row seen so far needs, so that a column has one precision and keeps it. */
function useDecimals(rows: readonly DeviceRow[], columns: readonly DeviceColumn[]): Readonly<Record<string, number>> {
  const kept = useRef<Record<string, number>>({});
  for (const { name } of columns) {
    for (const row of rows) {
      const value = row.fields[name];
      if (typeof value === 'number') kept.current[name] = Math.max(kept.current[name] ?? 0, decimalsOf(value));
    }
  }
  return kept.current;
}

function Spacer({ rows, height, span }: { rows: number; height: number; span: number }) {
  return (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={span} height={Math.round(rows * height)} />
    </tr>
  );
}

interface HeadProps {
  readonly by: string;
  readonly label: string;
  readonly unit?: string;
  readonly num?: boolean;
  readonly sort: Sort;
  readonly onSort: (by: string) => void;
}

function Head({ by, label, unit = '', num = false, sort, onSort }: HeadProps) {
  const sorted = sort.by === by;
  return (
    <th scope="col" class={num ? 'num' : ''} aria-sort={sorted ? (sort.down ? 'descending' : 'ascending') : undefined}>
      <button type="button" class="sorts" title={label} onClick={() => onSort(by)}>
        <span class="label">{label}</span>
        <Unit unit={unit} />
        {sorted && <Mark kind={sort.down ? 'down' : 'up'} />}
      </button>
    </th>
  );
}

function FieldHead({ column, sort, onSort }: { column: DeviceColumn; sort: Sort; onSort: (by: string) => void }) {
  return <Head by={byField(column.name)} label={column.label} unit={column.unit} num sort={sort} onSort={onSort} />;
}
