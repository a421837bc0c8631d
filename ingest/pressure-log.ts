import type { LogState } from '../infra/bus/log-publisher.ts';
import type { Log } from '../infra/log.ts';
import type { Pressure } from './pressure.ts';

/** Under load the cap may be reached many times a second: that is said at most so often, ms. A full log always. */
const saturatedEveryMs = 10_000;

const texts: Record<Pressure, string> = {
  open: 'sensors are read again',
  saturated: 'too much waits for the log: no sensor is read until half of it is stored',
  full: 'the log is full: nothing is acknowledged, no sensor is read, connections are refused until it is trimmed',
};
const levels = { open: 'info', saturated: 'warn', full: 'error' } as const;

/** Says in the process's log how sensors are listened to, loudly when the log is full. */
export function pressureLog(log: Log): (present: Pressure, state: LogState, waiting: number) => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  let said: Pressure = 'open';
  return (present, state, waiting) => {
    const nowMs = performance.now();
    if (present === 'saturated' && said !== 'full' && nowMs - saidMs < saturatedEveryMs) return;
    if (present === 'open' && said === 'open') return;
    log[levels[present]]({ log: state, waiting }, texts[present]);
    said = present;
    if (present === 'saturated') saidMs = nowMs;
  };
}
