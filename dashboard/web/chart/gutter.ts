import type uPlot from 'uplot';

/** The right gutter: labels at the height of what they name, pushed apart by 13 px, first come first placed. */
export class Gutter {
  readonly #plot: uPlot;
  readonly #px: number;
  readonly #used: number[] = [];

  constructor(plot: uPlot, px: number) {
    this.#plot = plot;
    this.#px = px;
  }

  /** `fill` makes it a flag. Values outside the plot have no label. */
  add(value: number, label: string, color: string, fill: string | null): void {
    const { ctx, bbox } = this.#plot;
    const px = this.#px;
    const wanted = this.#plot.valToPos(value, 'y', true);
    if (!(wanted >= bbox.top - 8 * px && wanted <= bbox.top + bbox.height + 8 * px)) return;
    const y = freeSlot(wanted, this.#used, 13 * px);
    this.#used.push(y);
    const x = bbox.left + bbox.width + 5 * px;
    ctx.textAlign = 'left';
    ctx.font = `${fill === null ? 400 : 600} ${11 * px}px "Plex Sans"`;
    if (fill !== null) {
      ctx.fillStyle = fill;
      ctx.beginPath();
      ctx.roundRect(x - px, y - 8 * px, ctx.measureText(label).width + 8 * px, 16 * px, 2 * px);
      ctx.fill();
    }
    ctx.fillStyle = color;
    ctx.fillText(label, fill === null ? x : x + 3 * px, y + 0.5 * px);
  }
}

/** The place nearest to `wanted` that is at least `apart` from all of `used`. */
export function freeSlot(wanted: number, used: readonly number[], apart: number): number {
  const free = (y: number) => used.every((other) => Math.abs(other - y) >= apart - 1e-9);
  if (free(wanted)) return wanted;
  const candidates = used.flatMap((other) => [other - apart, other + apart]).filter(free);
  return candidates.reduce(
    (best, y) => (Math.abs(y - wanted) < Math.abs(best - wanted) ? y : best),
    candidates[0] ?? wanted,
  );
}
