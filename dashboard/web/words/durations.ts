import { decimal, missing } from './numbers.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A duration in ms, in words: "38 ms", "1.5 s", "12 s", "3 min 12 s", "2 h 14 min", "5 d 3 h". */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return missing;
  if (ms > -second && ms < second) return `${decimal(ms, Math.abs(ms) < 10 && !Number.isInteger(ms) ? 1 : 0)} ms`;
  return longer(ms, false);
}

/** Age or lag in ms: tenths of a second first, whole seconds from 10 s: "0.2 s", "58 s", "3 min 05 s". */
export function age(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return missing;
  const positive = Math.max(0, ms);
  return positive < 9_950 ? `${decimal(positive / second, 1)} s` : longer(positive, true);
}

/** How long something lasted that is over, in whole seconds: "under 1 s", "12 s". */
export function lasted(ms: number): string {
  return ms < second ? 'under 1 s' : duration(Math.floor(ms / second) * second);
}

/** `still` keeps a zero in the second unit, so that a running time does not change its width. */
function longer(ms: number, still: boolean): string {
  if (ms < minute) {
    const seconds = ms / second;
    return `${decimal(seconds, still || Number.isInteger(seconds) || seconds >= 10 ? 0 : 1)} s`;
  }
  if (ms < hour) return two(Math.floor(ms / minute), 'min', Math.floor((ms % minute) / second), 's', still);
  if (ms < day) return two(Math.floor(ms / hour), 'h', Math.floor((ms % hour) / minute), 'min', still);
  return two(Math.floor(ms / day), 'd', Math.floor((ms % day) / hour), 'h', false);
}

function two(first: number, unit: string, rest: number, restUnit: string, still: boolean): string {
  if (rest === 0 && !still) return `${first} ${unit}`;
  const padded = restUnit === 'h' ? String(rest) : String(rest).padStart(2, '0');
  return `${first} ${unit} ${padded} ${restUnit}`;
}
