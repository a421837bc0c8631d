import { labelled } from './labelled.ts';
import { countText, durationText, plural, rateText } from './quantities.ts';
import type { Style } from './style.ts';

/** How far a replay is. */
export interface ReplayProgress {
  readonly readings: number;
  readonly windows: number;
  readonly transitions: number;
  readonly quarantined: number;
  readonly duplicates: number;
  readonly stored: number;
  readonly refused: number;
  readonly gaps: number;
  /** Results that are not written, as messages are missing that they may depend on. */
  readonly withheld: number;
  /** Results of such windows, from the stream WINDOWS. */
  readonly restored: number;
  /** 0 to 1. */
  readonly done: number;
  /** The log's clock, us. */
  readonly firstUs: number;
  readonly nowUs: number;
  readonly tookMs: number;
}

/** `340,112 readings  182,040/s  at 2026-11-20 10:31:07  42 %  8 s left` */
export function replayLine({ bold }: Style, { readings, nowUs, done, tookMs }: ReplayProgress): string {
  const left = done > 0 ? `  ${durationText((tookMs / done) * (1 - done))} left` : '';
  const at = nowUs === 0 ? '' : `  at ${timeText(nowUs)}`;
  const perS = rateText((readings * 1000) / Math.max(1, tookMs));
  return `  ${bold(countText(readings))} readings  ${bold(perS)}${at}  ${Math.floor(done * 100)} %${left}`;
}

/** What it came to: one line of counts, with the log's times they are from. */
export function replayedLine(style: Style, figures: ReplayProgress, into: 'influxdb' | 'nothing'): string {
  const { readings, windows, transitions, quarantined, duplicates, stored, refused, gaps, withheld, restored } =
    figures;
  const { firstUs, nowUs, tookMs } = figures;
  const parts = [
    `${style.bold(countText(readings))} readings in ${durationText(tookMs)}`,
    plural(windows, 'window'),
    plural(transitions, 'transition'),
    `${countText(quarantined)} quarantined`,
    plural(duplicates, 'duplicate'),
  ];
  if (into === 'influxdb') parts.push(`${countText(stored)} points written`);
  if (refused > 0) parts.push(style.red(`${countText(refused)} refused`));
  if (gaps > 0) parts.push(style.red(plural(gaps, 'gap')));
  if (withheld > 0) parts.push(style.red(`${plural(withheld, 'result')} not known any more`));
  if (restored > 0) parts.push(`${plural(restored, 'result')} from WINDOWS`);
  const range = nowUs === 0 ? 'nothing to read' : `${timeText(firstUs)} to ${timeText(nowUs)}`;
  return labelled(style, 'replayed', `${parts.join(', ')} (${range})`);
}

/** UTC, to the second. */
function timeText(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ');
}
