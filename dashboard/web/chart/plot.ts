import uPlot from 'uplot';
import { bandOpacity, faded, scale, token } from './colors.ts';
import { drawBack } from './draw-back.ts';
import { drawFront } from './draw-front.ts';
import { lanesMax } from './lanes.ts';
import { watchGestures } from './gestures.ts';
import type { ChartSpec } from './spec.ts';
import { timeLabels } from './time-axis.ts';
import { decimal } from '../words/numbers.ts';
import { stepDecimals } from './y-range.ts';

export interface PlotOptions {
  readonly timeZone: string;
  /** Charts of one group share the cursor. */
  readonly group: string;
  readonly showTimes: boolean;
  /** Design px kept at the right for labels. */
  readonly gutter: number;
  /** Index of the point under the cursor, null without one. */
  onCursor(index: number | null): void;
  /** A stretch was dragged over, s. */
  onZoom(from: number, to: number): void;
  /** Back to what it was before zooming. */
  onReset(): void;
  /** Moved by a share of the range. */
  onPan(share: number): void;
  /** Closer or further about the middle. */
  onScale(factor: number): void;
}

/** One uPlot, drawn by a `ChartSpec`. Sized by its box, which CSS sizes. */
export class Plot {
  readonly #box: HTMLElement;
  readonly #options: PlotOptions;
  readonly #observer: ResizeObserver;
  readonly #endGestures: () => void;
  #spec: ChartSpec;
  #plot: uPlot;

  constructor(box: HTMLElement, spec: ChartSpec, options: PlotOptions) {
    this.#box = box;
    this.#spec = spec;
    this.#options = options;
    this.#plot = this.#create();
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(box);
    this.#endGestures = watchGestures(this.#plot.over, options);
  }

  update(spec: ChartSpec): void {
    this.#spec = spec;
    this.#plot.setData(dataOf(spec), true);
  }

  /** The theme changed. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  moveCursor(by: number): void {
    const { times, from, to } = this.#spec;
    const now = this.#plot.cursor.idx;
    const last = times.findLastIndex((time) => time <= to);
    const first = times.findIndex((time) => time >= from);
    if (last < 0 || first < 0) return;
    const index = Math.min(last, Math.max(first, now === null || now === undefined ? last : now + by));
    this.#plot.setCursor({ left: this.#plot.valToPos(times[index]!, 'x'), top: 10 });
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#endGestures();
    this.#plot.destroy();
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (width > 0 && height > 0 && (width !== this.#plot.width || height !== this.#plot.height))
      this.#plot.setSize({ width, height });
  }

  #create(): uPlot {
    const k = scale();
    const options = this.#options;
    const font = `${11 * k}px "Plex Sans"`;
    const axis = {
      font,
      stroke: () => token('--text-3'),
      ticks: { show: false },
      border: { show: false },
    } satisfies uPlot.Axis;
    return new uPlot(
      {
        width: Math.max(1, this.#box.clientWidth),
        height: Math.max(1, this.#box.clientHeight),
        padding: [() => this.#topPadding(k), options.gutter * k, options.showTimes ? 0 : 7 * k, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false, dist: 4 },
          points: { size: 6 * k },
          sync: { key: options.group, setSeries: false },
          // A double click leaves the zoom; uPlot's own would show all data.
          bind: { dblclick: () => () => (options.onReset(), null) },
        },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: true, range: () => [this.#spec.from, this.#spec.to] },
          y: { range: () => [this.#spec.y[0], this.#spec.y[1]] },
        },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), options.timeZone),
        axes: [
          {
            ...axis,
            show: options.showTimes,
            grid: { show: false },
            ticks: { show: true, stroke: () => token('--line-strong'), size: 4 * k, width: 1 },
            gap: 3 * k,
            size: () => (crossesDay(this.#spec, options.timeZone) ? 34 : 20) * k,
            space: (plot) => (plot.width < 500 * k ? 62 : 90) * k,
            values: (_plot, ticks, _axis, _space, step) => timeLabels(ticks, step, options.timeZone),
          },
          {
            ...axis,
            show: true,
            grid: { show: this.#spec.states === null, stroke: () => token('--grid'), width: 1 },
            gap: 6 * k,
            size: 44 * k,
            // 3 to 6 values, whatever the height.
            space: (plot) => Math.max(28 * k, plot.height / 6),
            values: (_plot, ticks, _axis, _space, step) =>
              ticks.map((tick) => (this.#spec.states === null ? decimal(tick, stepDecimals(step)) : '')),
          },
        ],
        series: [
          {},
          ...this.#spec.lines.map((line): uPlot.Series => ({
            stroke: () => token(line.color),
            width: line.width * k,
            points: { show: (plot, series, from, to) => to - from < 2 && line.width > 0 && isLone(plot, series) },
            spanGaps: false,
          })),
        ],
        bands:
          this.#spec.band === null
            ? []
            : [
                {
                  series: [this.#spec.band[0] + 1, this.#spec.band[1] + 1],
                  fill: () => faded(this.#spec.lines[this.#spec.band![0]]!.color, bandOpacity()),
                },
              ],
        hooks: {
          drawAxes: [(plot) => this.#draw(plot, drawBack)],
          draw: [(plot) => this.#draw(plot, drawFront)],
          setCursor: [(plot) => options.onCursor(plot.cursor.idx ?? null)],
          setSelect: [(plot) => this.#selected(plot)],
        },
      },
      dataOf(this.#spec),
      this.#box,
    );
  }

  #draw(plot: uPlot, draw: (plot: uPlot, spec: ChartSpec, px: number) => void): void {
    const px = uPlot.pxRatio * scale();
    plot.ctx.font = `${11 * px}px "Plex Sans"`;
    plot.ctx.textBaseline = 'middle';
    draw(plot, this.#spec, px);
  }

  #topPadding(k: number): number {
    const lanes = Math.min(lanesMax, this.#spec.lanes.length);
    return (lanes === 0 ? 8 : 6 + 7 * lanes) * k;
  }

  #selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = plot.posToVal(left, 'x');
    const to = plot.posToVal(left + width, 'x');
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#options.onZoom(from, to);
  }
}

function dataOf(spec: ChartSpec): uPlot.AlignedData {
  return [spec.times, ...spec.lines.map(({ values }) => values)] as unknown as uPlot.AlignedData;
}

function isLone(plot: uPlot, series: number): boolean {
  const values = plot.data[series] as readonly (number | null | undefined)[];
  return values.filter((value) => value !== null && value !== undefined).length < 2;
}

function crossesDay(spec: ChartSpec, timeZone: string): boolean {
  if (spec.to - spec.from >= 3 * 86_400) return false;
  const days = timeLabels([spec.from, spec.to], 60, timeZone);
  return days[1]!.includes('\n');
}
