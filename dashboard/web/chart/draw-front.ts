import type uPlot from 'uplot';
import type { Severity } from '../../../events/alert.ts';
import { bandOpacity, faded, token, type Token } from './colors.ts';
import { drawHatch, drawHatchWords, severityFill, span } from './draw-back.ts';
import { drawOpen } from './draw-open.ts';
import { labelRange, markOutOfRange } from './draw-range.ts';
import { Gutter } from './gutter.ts';
import { lanesMax, type LanePart } from './lanes.ts';
import type { ChartSpec, Edge, Threshold, WindowColumns } from './spec.ts';

/** What lies over the lines: windows, thresholds, alert lanes, the live edge and the labels in the right gutter. */
export function drawFront(plot: uPlot, spec: ChartSpec, px: number): void {
  const { ctx } = plot;
  ctx.save();
  if (spec.windows !== null) drawWindows(plot, spec.windows, px);
  for (const open of spec.open) drawOpen(plot, open, px);
  if (spec.range !== null) markOutOfRange(plot, spec, px);
  drawHatchWords(plot, spec.hatches, px);
  for (const threshold of spec.thresholds) drawThreshold(plot, threshold, px);
  drawLanes(plot, spec, px);
  const gutter = new Gutter(plot, px);
  if (spec.edge !== null) {
    drawEdge(plot, spec.edge, spec.states === null, px);
    const flag = { text: token('--on-invert'), fill: token(spec.edge.dead ? '--text-3' : '--invert') };
    if (spec.states === null) gutter.add(spec.edge.value, spec.edge.label, flag.text, flag.fill);
  }
  for (const { value, label, severity } of spec.thresholds)
    gutter.add(value, label, token(severityText(severity)), null);
  if (spec.range !== null) labelRange(spec.range, gutter);
  for (const { value, label } of spec.ends) gutter.add(value, label, token('--text-2'), null);
  ctx.restore();
}

function severityText(severity: Severity | null): Token {
  if (severity === 'critical') return '--critical';
  return severity === 'warning' ? '--warning' : '--text-3';
}

function drawThreshold(plot: uPlot, { value, severity }: Threshold, px: number): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, 'y', true));
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.strokeStyle = severity === null ? token('--text-3') : token(severityFill(severity));
  ctx.lineWidth = px;
  ctx.setLineDash(severity === null ? [4 * px, 3 * px] : []);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawEdge(plot: uPlot, edge: Edge, dotted: boolean, px: number): void {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(edge.time, 'x', true);
  if (x < bbox.left - px || x > bbox.left + bbox.width + px) return;
  ctx.strokeStyle = faded('--text-3', 0.55);
  ctx.lineWidth = px;
  ctx.setLineDash([2 * px, 2 * px]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  const y = plot.valToPos(edge.value, 'y', true);
  if (!dotted || !Number.isFinite(y)) return;
  for (const [radius, color] of [
    [4.4, '--surface'],
    [3, edge.dead ? '--text-3' : '--s1'],
  ] as const) {
    ctx.fillStyle = token(color);
    ctx.beginPath();
    ctx.arc(x, y, radius * px, 0, 7);
    ctx.fill();
  }
}

/** 5 px tracks above the plot. Firing is solid, pending an outline, unknown a hatch. */
function drawLanes(plot: uPlot, spec: ChartSpec, px: number): void {
  const { ctx, bbox } = plot;
  const height = 5 * px;
  const shown = spec.lanes.slice(0, lanesMax);
  shown.forEach((lane, i) => {
    const y = bbox.top - (4 + 7 * (shown.length - i)) * px + 2 * px;
    ctx.fillStyle = token('--sunken');
    ctx.fillRect(bbox.left, y, bbox.width, height);
    for (const part of lane.parts) drawLanePart(plot, part, y, height, px);
  });
  if (spec.lanes.length > lanesMax) {
    ctx.fillStyle = token('--text-3');
    ctx.textAlign = 'left';
    ctx.fillText(`+${spec.lanes.length - lanesMax}`, bbox.left + bbox.width + 5 * px, bbox.top - 8 * px);
  }
}

function drawLanePart(plot: uPlot, part: LanePart, y: number, height: number, px: number): void {
  const { ctx } = plot;
  const [x0, x1] = span(plot, part.fromUs / 1e6, part.toUs / 1e6);
  if (x1 <= x0) return;
  const color = token(severityFill(part.severity));
  const width = Math.max(px, x1 - x0);
  if (part.state === 'firing') {
    ctx.fillStyle = color;
    ctx.fillRect(x0, y, width, height);
  } else if (part.state === 'pending') {
    ctx.strokeStyle = color;
    ctx.lineWidth = px;
    ctx.strokeRect(x0 + px / 2, y + px / 2, Math.max(0, width - px), height - px);
  } else drawHatch(ctx, x0, y, width, height, token('--text-3'), 3, px);
}

/** Stepped means over their own windows, each with its least to greatest behind. */
function drawWindows(plot: uPlot, { starts, size, mean, min, max }: WindowColumns, px: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const x = (time: number) => plot.valToPos(time, 'x', true);
  const y = (value: number) => plot.valToPos(value, 'y', true);
  ctx.fillStyle = faded('--s1', bandOpacity());
  ctx.strokeStyle = token('--s1');
  ctx.lineWidth = 1.75 * px;
  const line = new Path2D();
  let joined = false;
  starts.forEach((start, i) => {
    const value = mean[i] ?? null;
    if (value === null) {
      joined = false;
      return;
    }
    const x0 = x(start);
    const x1 = x(start + size);
    const top = y(max[i] ?? value);
    ctx.fillRect(x0, top, x1 - x0, y(min[i] ?? value) - top);
    joined = joined && Math.abs(starts[i - 1]! + size - start) < 1e-6;
    if (joined) line.lineTo(x0, y(value));
    else line.moveTo(x0, y(value));
    line.lineTo(x1, y(value));
    joined = true;
  });
  ctx.stroke(line);
  ctx.restore();
}
