import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';
import { themeChanges, token } from '../chart/colors.ts';
import { sparkRuns } from './spark.ts';

export interface SparkRow {
  readonly points: readonly (number | null)[];
  readonly tone: 'normal' | 'dim' | 'critical' | 'warning';
}

interface SparkCanvasProps {
  /** The part of the table with the rows: the canvas lies over their cells `td.spark`. */
  readonly body: RefObject<HTMLElement | null>;
  /** Rows in view, and how far down the first one begins, px. */
  readonly rows: readonly SparkRow[];
  readonly top: number;
  readonly rowHeight: number;
}

const lineTokens = { normal: '--text-3', dim: '--text-3', critical: '--critical', warning: '--warning-fill' } as const;
const dotTokens = { ...lineTokens, normal: '--text' } as const;
const inset = 8;

/** All traces of a table on one canvas: 30 rows cost 0.2 ms a commit, as SVG paths 1.3 ms. */
export function SparkCanvas({ body, rows, top, rowHeight }: SparkCanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const theme = themeChanges.value;
  useLayoutEffect(() => {
    const canvas = ref.current;
    const cell = body.current?.querySelector<HTMLElement>('td.spark');
    if (canvas === null || cell === null || cell === undefined) return;
    const ratio = window.devicePixelRatio || 1;
    const width = cell.offsetWidth;
    const height = rows.length * rowHeight;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    // Through the CSSOM, which `style-src 'self'` allows: these are measured.
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.style.transform = `translate(${cell.offsetLeft}px, ${top}px)`;
    const context = canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.lineWidth = 1.2;
    context.lineJoin = 'round';
    rows.forEach((row, i) => drawRow(context, row, i * rowHeight, width, rowHeight));
  });
  useEffect(() => undefined, [theme]);
  return <canvas class="sparks" ref={ref} aria-hidden="true" />;
}

function drawRow(context: CanvasRenderingContext2D, row: SparkRow, y: number, width: number, rowHeight: number): void {
  const height = 20;
  context.save();
  context.translate(inset, y + (rowHeight - height) / 2);
  context.strokeStyle = token(lineTokens[row.tone]);
  const runs = sparkRuns(row.points, width - 2 * inset, height);
  context.beginPath();
  for (const run of runs) {
    run.forEach(([x, top], i) => (i === 0 ? context.moveTo(x, top) : context.lineTo(x, top)));
  }
  context.stroke();
  const end = row.points.at(-1) === null ? undefined : runs.at(-1)?.at(-1);
  if (end !== undefined) {
    context.fillStyle = token(dotTokens[row.tone]);
    context.beginPath();
    context.arc(end[0], end[1], 1.9, 0, 7);
    context.fill();
  }
  context.restore();
}
