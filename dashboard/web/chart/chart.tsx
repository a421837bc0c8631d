import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { zone } from '../words/times.ts';
import { chartKey } from './chart-keys.ts';
import { themeChanges } from './colors.ts';
import { Plot, type PlotOptions } from './plot.ts';
import type { ChartSpec } from './spec.ts';
import { TableView, type TableColumn } from './table-view.tsx';

/** How a chart's range is changed; shared by the charts of a page. */
export type Steering = Pick<PlotOptions, 'onZoom' | 'onReset' | 'onPan' | 'onScale'>;

interface ChartProps {
  readonly name: string;
  readonly unit: string;
  readonly spec: ChartSpec;
  readonly group: string;
  readonly showTimes: boolean;
  /** A timeline of states needs little height. */
  readonly low?: boolean;
  readonly gutter: number;
  readonly steering: Steering;
  /** A sentence with what is seen; renewed at most every 30 s by the caller. */
  readonly sentence: string;
  /** What the caption says at its right: of the point under the cursor, or (null) of nothing in particular. */
  readonly caption: (index: number | null) => ComponentChildren;
  readonly table: readonly TableColumn[];
}

/** A chart with its caption row of fixed height, and the same numbers as a table. */
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const cursor = useSignal<number | null>(null);
  const asTable = useSignal(false);
  const figure = useRef<HTMLElement>(null);
  const wasFocused = useRef(false);
  wasFocused.current = figure.current?.contains(document.activeElement) ?? false;
  const latest = useRef(props);
  latest.current = props;
  const { spec, group, showTimes, gutter } = props;
  const timeZone = zone.value;
  const shape = `${spec.lines.map((line) => `${line.color} ${line.width}`).join()} ${spec.band?.join()} ${spec.states === null}`;

  useLayoutEffect(() => {
    if (box.current === null) return;
    const steering = (): Steering => latest.current.steering;
    const made = new Plot(box.current, latest.current.spec, {
      timeZone,
      group,
      showTimes,
      gutter,
      onCursor: (index) => {
        if (cursor.peek() !== index) cursor.value = index;
      },
      onZoom: (from, to) => steering().onZoom(from, to),
      onReset: () => steering().onReset(),
      onPan: (share) => steering().onPan(share),
      onScale: (factor) => steering().onScale(factor),
    });
    plot.current = made;
    // Labels on the canvas are measured with the page's face: once more when it has come.
    void document.fonts.ready.then(() => plot.current === made && made.redraw());
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [timeZone, group, showTimes, gutter, shape, asTable.value]);
  useLayoutEffect(() => plot.current?.update(spec), [spec]);
  const table = asTable.value;
  useEffect(() => {
    // The focus stays in the figure when what had it is gone.
    if (figure.current !== null && document.activeElement === document.body && wasFocused.current)
      figure.current.querySelector<HTMLElement>('.chart')?.focus();
  }, [table]);
  const theme = themeChanges.value;
  useEffect(() => plot.current?.redraw(), [theme]);

  return (
    <figure
      ref={figure}
      class={props.low === true ? 'fig low' : 'fig'}
      onKeyDown={(event) => {
        if (event.key !== 't' || event.ctrlKey || event.metaKey || event.altKey) return;
        asTable.value = !asTable.value;
        event.preventDefault();
      }}
    >
      <figcaption class="cap">
        <h2>{props.name}</h2>
        {props.unit !== '' && <span class="faint">{props.unit}</span>}
        <span class="r">{props.caption(cursor.value)}</span>
        <button
          type="button"
          class="btn quiet sm only-desk"
          aria-pressed={asTable.value}
          aria-label={asTable.value ? `Chart of ${props.name}` : `Table of ${props.name}`}
          onClick={() => (asTable.value = !asTable.value)}
        >
          {asTable.value ? 'Chart' : 'Table'}
        </button>
      </figcaption>
      {asTable.value ? (
        <TableView name={props.name} spec={spec} columns={props.table} />
      ) : (
        <div
          class="chart"
          role="img"
          // A focused chart takes keys: cursor, pan, zoom, table.
          tabIndex={0}
          aria-label={props.sentence}
          onKeyDown={(event) => {
            if (!chartKey(event, plot.current, props.steering)) return;
            event.preventDefault();
            event.stopPropagation();
          }}
        >
          <div class="plot" ref={box} />
        </div>
      )}
    </figure>
  );
}
