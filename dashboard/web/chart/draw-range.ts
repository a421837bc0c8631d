import type uPlot from 'uplot';
import { faded, token } from './colors.ts';
import type { Gutter } from './gutter.ts';
import { outOfRange } from './out-of-range.ts';
import type { ChartSpec, ValueRange } from './spec.ts';

/** Marks nearer to each other than this are one, design px. */
const apartPx = 7;

/** Under the lines: what the field's configuration says cannot be is shaded, up to a dotted line. */
export function drawRange(plot: uPlot, { low, high }: ValueRange, px: number): void {
  const { ctx, bbox } = plot;
  const bottom = bbox.top + bbox.height;
  const cut = (value: number) => Math.min(bottom, Math.max(bbox.top, Math.round(plot.valToPos(value, 'y', true))));
  const [top, base] = [cut(high), cut(low)];
  ctx.fillStyle = faded('--text-3', 0.1);
  ctx.fillRect(bbox.left, bbox.top, bbox.width, top - bbox.top);
  ctx.fillRect(bbox.left, base, bbox.width, bottom - base);
  ctx.strokeStyle = token('--text-3');
  ctx.lineWidth = px;
  ctx.setLineDash([px, 3 * px]);
  ctx.beginPath();
  for (const y of [top, base]) {
    if (y <= bbox.top || y >= bottom) continue;
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/** "range 200" beside each end that is in sight, after everything that matters more. */
export function labelRange({ low, high }: ValueRange, gutter: Gutter): void {
  for (const value of [high, low]) gutter.add(value, `range ${value}`, token('--text-3'), null);
}

/** Over the lines: a ring around what is out of range, in the colour of text: it is no alert. */
export function markOutOfRange(plot: uPlot, spec: ChartSpec, px: number): void {
  const { ctx, bbox } = plot;
  let lastX = -Infinity;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 4 * px, bbox.width, bbox.height + 8 * px);
  ctx.clip();
  ctx.strokeStyle = token('--text');
  ctx.fillStyle = token('--surface');
  ctx.lineWidth = 1.5 * px;
  for (const { time, value } of outOfRange(spec)) {
    const x = plot.valToPos(time, 'x', true);
    if (x - lastX < apartPx * px) continue;
    lastX = x;
    ctx.beginPath();
    ctx.arc(x, plot.valToPos(value, 'y', true), 3 * px, 0, 7);
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}
