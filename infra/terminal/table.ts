import { type Style, visibleLength } from './style.ts';

export interface Column {
  readonly head: string;
  readonly align?: 'right';
  /** On a terminal that is too narrow for all, columns go in this order: 1 first. Those without it stay. */
  readonly goes?: number;
  readonly paint?: (text: string) => string;
}

const gap = '  ';

/**
 * Rows below a line of heads, aligned; a column that is empty throughout is left out. Texts are plain: their columns
 * colour them.
 * @param below what stands indented under a row, '' for nothing
 */
export function tableLines(
  style: Style,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  below: (row: number) => string = () => '',
): string[] {
  const widths = columns.map(({ head }, at) => {
    const widest = Math.max(0, ...rows.map((row) => visibleLength(row[at]!)));
    return widest === 0 ? 0 : Math.max(head.length, widest);
  });
  const shown = fitting(columns, widths, style.columns);
  const line = (row: readonly string[], painted: (text: string, column: Column) => string) => {
    const cells = shown.map((at) => {
      const column = columns[at]!;
      const pad = ' '.repeat(widths[at]! - visibleLength(row[at]!));
      const text = painted(row[at]!, column);
      return column.align === 'right' ? pad + text : text + pad;
    });
    return `${gap}${cells.join(gap)}`.trimEnd();
  };
  const heads = columns.map(({ head }) => head);
  return [
    line(heads, (text) => style.dim(text)),
    ...rows.flatMap((row, at) => {
      const under = below(at);
      return [line(row, (text, { paint }) => paint?.(text) ?? text), ...(under === '' ? [] : [under])];
    }),
  ];
}

/** Which columns there is room for. */
function fitting(columns: readonly Column[], widths: readonly number[], room: number): number[] {
  let shown = widths.flatMap((width, at) => (width > 0 ? [at] : []));
  const first = columns.flatMap(({ goes }, at) => (goes === undefined ? [] : [{ at, goes }]));
  for (const { at } of first.toSorted((a, b) => a.goes - b.goes)) {
    if (shown.reduce((sum, one) => sum + gap.length + widths[one]!, 0) < room) break;
    shown = shown.filter((one) => one !== at);
  }
  return shown;
}
