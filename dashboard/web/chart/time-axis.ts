import { clock, clockMinute, day } from '../words/times.ts';

const daySeconds = 86_400;

/** Labels of ticks `step` seconds apart: HH:mm (with seconds when close), the day under the first tick of a day. */
export function timeLabels(ticks: readonly number[], step: number, timeZone: string): string[] {
  if (step >= daySeconds) return ticks.map((tick) => day(tick * 1000, timeZone));
  let last = ticks.length > 0 ? day(ticks[0]! * 1000, timeZone) : '';
  return ticks.map((tick) => {
    const name = day(tick * 1000, timeZone);
    const time = (step < 60 ? clock : clockMinute)(tick * 1000, timeZone);
    if (name === last) return time;
    last = name;
    return `${time}\n${name}`;
  });
}
