import type uPlot from 'uplot';
import type { Severity } from '../../../events/alert.ts';
import { bandOpacity, faded, isDark, token, type Token } from './colors.ts';
import { drawRange } from './draw-range.ts';
import type { ChartSpec, Hatch, StatePart } from './spec.ts';

/** What lies under the lines: hatches, the tint of a firing alert, states. `px` is a design px in canvas pixels. */
export function drawBack(plot: uPlot, spec: ChartSpec, px: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (spec.range !== null) drawRange(plot, spec.range, px);
  for (const lane of spec.lanes) {
    for (const part of lane.parts) {
      if (part.state === 'firing') tint(plot, part.fromUs / 1e6, part.toUs / 1e6, severityFill(part.severity), px);
    }
  }
  for (const part of spec.states ?? []) drawState(plot, part, px);
  for (const hatch of spec.hatches) {
    const [x0, x1] = span(plot, hatch.from, hatch.to);
    if (x1 > x0) drawHatch(ctx, x0, bbox.top, x1 - x0, bbox.height, faded('--text-3', 0.3), 6, px);
  }
  ctx.restore();
}

/**
 * Written over the lines, on the surface: "no data, 2 min 14 s", in the hatch or beside it. The latest first; where words
 * would lie on others they are left out.
 */
export function drawHatchWords(plot: uPlot, hatches: readonly Hatch[], px: number): void {
  let freeTo = Infinity;
  for (const hatch of hatches.toSorted((a, b) => b.from - a.from)) freeTo = drawWords(plot, hatch, freeTo, px);
}

/** @returns up to where there is room for words */
function drawWords(plot: uPlot, hatch: Hatch, freeTo: number, px: number): number {
  const { ctx, bbox } = plot;
  const [x0, x1] = span(plot, hatch.from, hatch.to);
  if (hatch.words === '' || x1 - x0 < 6 * px) return freeTo;
  const width = ctx.measureText(hatch.words).width;
  const inside = width + 8 * px < x1 - x0;
  let left = inside ? (x0 + x1 - width) / 2 : x0 - width - 6 * px;
  if (!inside && left < bbox.left) left = x1 + 6 * px;
  if (left + width > Math.min(freeTo, bbox.left + bbox.width)) return freeTo;
  ctx.fillStyle = token('--surface');
  ctx.fillRect(left - 3 * px, bbox.top + bbox.height - 17 * px, width + 6 * px, 14 * px);
  ctx.fillStyle = token('--text-2');
  ctx.textAlign = 'left';
  ctx.fillText(hatch.words, left, bbox.top + bbox.height - 10 * px);
  return left - 6 * px;
}

export function severityFill(severity: Severity): Token {
  if (severity === 'critical') return '--critical';
  return severity === 'warning' ? '--warning-fill' : '--text-2';
}

/** Both ends on the canvas, cut to the plot. */
export function span(plot: uPlot, from: number, to: number): readonly [number, number] {
  const { left, width } = plot.bbox;
  const cut = (time: number) => Math.min(left + width, Math.max(left, plot.valToPos(time, 'x', true)));
  return [cut(from), cut(to)];
}

/** Lines at 45 degrees, `gap` design px apart. */
export function drawHatch(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  color: string,
  gap: number,
  px: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = px;
  ctx.beginPath();
  for (let i = -height; i < width + height; i += gap * px) {
    ctx.moveTo(x + i, y + height);
    ctx.lineTo(x + i + height, y);
  }
  ctx.stroke();
  ctx.restore();
}

function tint(plot: uPlot, from: number, to: number, color: Token, px: number): void {
  const { ctx, bbox } = plot;
  const [x0, x1] = span(plot, from, to);
  ctx.fillStyle = faded(color, isDark() ? 0.13 : 0.08);
  ctx.fillRect(x0, bbox.top, x1 - x0, bbox.height);
  if (plot.valToPos(from, 'x', true) < bbox.left) return;
  ctx.fillStyle = faded(color, 0.7);
  ctx.fillRect(Math.round(x0), bbox.top, px, bbox.height);
}

/** Greys by order of first sight, the value written where it fits. */
function drawState(plot: uPlot, part: StatePart, px: number): void {
  const { ctx, bbox } = plot;
  const [x0, x1] = span(plot, part.from, part.to);
  if (x1 <= x0) return;
  ctx.fillStyle = faded('--text-3', bandOpacity() * (1 + (part.order % 4)));
  ctx.fillRect(x0, bbox.top, Math.max(px, x1 - x0 - px), bbox.height);
  if (ctx.measureText(part.text).width + 10 * px > x1 - x0) return;
  ctx.fillStyle = token('--text');
  ctx.textAlign = 'left';
  ctx.fillText(part.text, x0 + 5 * px, bbox.top + bbox.height / 2);
}
