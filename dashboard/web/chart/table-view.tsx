import { clock } from '../words/times.ts';
import type { ChartSpec } from './spec.ts';

export interface TableColumn {
  readonly name: string;
  /** What stands at a point. */
  readonly cell: (index: number) => string;
}

/** Rows shown at most: the latest of the range. */
const rowsMax = 500;

/** The numbers of a chart, latest first. */
export function TableView({ name, spec, columns }: { name: string; spec: ChartSpec; columns: readonly TableColumn[] }) {
  const rows: number[] = [];
  for (let i = spec.times.length - 1; i >= 0 && rows.length < rowsMax; i--) {
    if (spec.times[i]! >= spec.from && spec.times[i]! <= spec.to) rows.push(i);
  }
  return (
    // A region that scrolls must take the focus, or keys cannot scroll it.
    <div class="chart scrolls" role="region" aria-label={`${name}, values`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {columns.map((column) => (
              <th scope="col" class="num" key={column.name}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((i) => (
            <tr key={spec.times[i]}>
              <td>{clock(spec.times[i]! * 1000)}</td>
              {columns.map((column) => (
                <td class="num" key={column.name}>
                  {column.cell(i)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
