import { countText, durationText, lagText, millisecondsText, plural, rateText } from './quantities.ts';
import { type Style, visibleLength } from './style.ts';

/** The pipeline in a line. */
export interface StatusFigures {
  readonly inPerS: number;
  readonly storedPerS: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The furthest any part is behind. */
  readonly lagMs: number;
  /** Null while unknown. */
  readonly alerts: number | null;
  readonly lost: number;
  readonly upMs: number;
}

/** `  4,812/s in  4,811/s stored  p50 38 ms  p99 112 ms  lag 0.1 s  3 alerts  0 lost     up 2 min 10 s` */
export function statusLine(style: Style, figures: StatusFigures, columns: number): string {
  const { inPerS, storedPerS, p50Ms, p99Ms, lagMs, alerts, lost, upMs } = figures;
  const late = lagMs >= lagWorthSeeingMs ? style.yellow : style.bold;
  const parts = [
    `${style.bold(rateText(inPerS))} in`,
    `${style.bold(rateText(storedPerS))} stored`,
    `p50 ${style.bold(millisecondsText(p50Ms))}`,
    `p99 ${style.bold(millisecondsText(p99Ms))}`,
    `lag ${late(lagText(lagMs))}`,
    ...(alerts === null ? [] : [alerts === 0 ? plural(0, 'alert') : style.yellow(plural(alerts, 'alert'))]),
    lost === 0 ? '0 lost' : style.red(`${countText(lost)} lost`),
  ];
  const up = style.dim(`up ${durationText(upMs)}`);
  let line = `  ${parts.join('  ')}`;
  // On a narrow terminal the time goes first, then figures from the end.
  if (visibleLength(line) + visibleLength(up) + 2 < columns) return line + gap(columns, line, up) + up;
  while (visibleLength(line) >= columns && parts.length > 2) {
    parts.pop();
    line = `  ${parts.join('  ')}`;
  }
  return line;
}

const lagWorthSeeingMs = 5_000;
const gapMax = 5;

function gap(columns: number, line: string, up: string): string {
  return ' '.repeat(Math.min(gapMax, columns - 1 - visibleLength(line) - visibleLength(up)));
}
