import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { refuse, type Refusal } from '../decode/refusal.ts';
import { keepArrivals } from './keep-arrivals.ts';
import { setAside } from './set-aside.ts';

/** 2000-01-01T00:00:00Z: a device that claims an earlier time has not set its clock. */
const clockSetUs = Date.UTC(2000, 0, 1) * 1e3;

/** Readings whose own time cannot be are quarantined. */
export function refuseWrongClocks(config: () => ProcessingConfig) {
  return keepArrivals((arrival, step) => {
    const { ownTimeUs } = arrival.payload;
    const problem = ownTimeUs === null ? null : clockProblem(ownTimeUs, step.nowUs, config().clock.maxAhead);
    if (problem !== null) setAside(step, arrival, problem);
    return problem === null;
  });
}

function clockProblem(timeUs: number, nowUs: number, maxAheadMs: number): Refusal | null {
  if (timeUs < clockSetUs) return refuse('clock-unset', `time ${timeText(timeUs)} is before 2000-01-01`);
  if (timeUs - nowUs <= maxAheadMs * 1e3) return null;
  const aheadSeconds = Math.ceil((timeUs - nowUs) / 1e6);
  return refuse(
    'clock-ahead',
    `time ${timeText(timeUs)} is ${aheadSeconds} s ahead of the log's clock, maxAhead is ${maxAheadMs / 1e3} s`,
  );
}

/** ISO 8601 where a date can be that far away, else microseconds. */
function timeText(timeUs: number): string {
  const date = new Date(timeUs / 1e3);
  return Number.isNaN(date.getTime()) ? `${timeUs} us` : date.toISOString();
}
