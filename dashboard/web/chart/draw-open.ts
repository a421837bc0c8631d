import type uPlot from 'uplot';
import { bandOpacity, faded, token } from './colors.ts';
import type { OpenStep } from './spec.ts';

/** The mean so far as a dashed step, the band behind it lighter than that of a window that is over. */
export function drawOpen(plot: uPlot, { from, to, mean, min, max }: OpenStep, px: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const [x0, x1] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)];
  const y = (value: number) => plot.valToPos(value, 'y', true);
  ctx.fillStyle = faded('--s1', bandOpacity() / 2);
  ctx.fillRect(x0, y(max), x1 - x0, y(min) - y(max));
  ctx.strokeStyle = token('--s1');
  ctx.lineWidth = 1.75 * px;
  ctx.setLineDash([4 * px, 3 * px]);
  ctx.beginPath();
  ctx.moveTo(x0, y(mean));
  ctx.lineTo(x1, y(mean));
  ctx.stroke();
  ctx.setLineDash([]);
  drawWords(plot, [x0, x1], y(max), y(min), px);
  ctx.restore();
}

/** Above the band, else below it, else in it; a step that is too narrow has its words in the caption only. */
function drawWords(
  { ctx, bbox }: uPlot,
  [from, to]: readonly [number, number],
  top: number,
  bottom: number,
  px: number,
): void {
  const words = 'so far';
  const width = ctx.measureText(words).width;
  const left = Math.min(to, bbox.left + bbox.width) - width - 3 * px;
  if (left < Math.max(from, bbox.left)) return;
  const above = top - 9 * px;
  const lowest = bbox.top + bbox.height - 8 * px;
  const at = above - 8 * px > bbox.top ? above : Math.min(bottom + 10 * px, lowest);
  ctx.fillStyle = token('--surface');
  ctx.fillRect(left - 2 * px, at - 7 * px, width + 4 * px, 14 * px);
  ctx.fillStyle = token('--text-2');
  ctx.textAlign = 'left';
  ctx.fillText(words, left, at);
}
