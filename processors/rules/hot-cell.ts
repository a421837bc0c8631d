import type { AlertState, Severity } from '../../events/alert.ts';
import type { Reading } from '../../events/reading.ts';
import type { AlertCell } from './alert-cell.ts';

/** What nearly every reading changes of an alert, and all it needs to know of it. */
const judgedAt = 0;
const elapsedAt = 1;
const valueAt = 2;
/** 1: it is ok, subscribers know, and only a value beyond the limit changes that. */
const quietAt = 3;
/** Numbers of each alert. */
const numbersEach = 4;

/** Room for the numbers of the alerts on one device, side by side: a reading touches a few lines of memory. */
export function numbersOf(alerts: number): Float64Array {
  return new Float64Array(alerts * numbersEach);
}

/**
 * Takes a value that leaves an alert quietly as it is. False: it is not quiet, nothing was done. Like any judgement it
 * skips a reading that is not newer than the last.
 */
export function judgeQuietly(
  numbers: Float64Array,
  place: number,
  value: number,
  timeUs: number,
  elapsedUs: number,
): boolean {
  const at = place * numbersEach;
  if (numbers[at + quietAt] !== 1) return false;
  if (timeUs <= numbers[at]!) return true;
  numbers[at] = timeUs;
  numbers[at + elapsedAt] = elapsedUs;
  numbers[at + valueAt] = value;
  return true;
}

/** From the next reading on each alert is looked at in full: other tags came. */
export function disquiet(numbers: Float64Array): void {
  for (let at = quietAt; at < numbers.length; at += numbersEach) numbers[at] = 0;
}

/** An alert whose numbers may lie among those of its device. */
export class HotCell implements AlertCell {
  readonly key: string;
  readonly field: string;
  device: string;
  tags: Reading['tags'];
  stateSinceUs: number;
  pendingElapsedUs: number;
  threshold: number;
  condition: string;
  severity: Severity;
  open: boolean;
  beganUs: number;
  id: string;
  #state: AlertState;
  #told: boolean;
  #numbers: Float64Array;
  #at = 0;

  constructor(cell: AlertCell) {
    this.key = cell.key;
    this.field = cell.field;
    this.device = cell.device;
    this.tags = cell.tags;
    this.stateSinceUs = cell.stateSinceUs;
    this.pendingElapsedUs = cell.pendingElapsedUs;
    this.threshold = cell.threshold;
    this.condition = cell.condition;
    this.severity = cell.severity;
    this.open = cell.open;
    this.beganUs = cell.beganUs;
    this.id = cell.id;
    this.#state = cell.state;
    this.#told = cell.told;
    this.#numbers = Float64Array.of(cell.judgedUs, cell.judgedElapsedUs, cell.value ?? Number.NaN, 0);
  }

  /** From now on its numbers are there. */
  moveTo(numbers: Float64Array, place: number): void {
    const at = place * numbersEach;
    numbers.set(this.#numbers.subarray(this.#at, this.#at + numbersEach), at);
    this.#numbers = numbers;
    this.#at = at;
  }

  /** Until its state changes, or other tags come, values within the limit need not be judged in full. */
  rest(): void {
    this.#numbers[this.#at + quietAt] = this.#state === 'ok' && !this.#told ? 1 : 0;
  }

  get state(): AlertState {
    return this.#state;
  }

  set state(state: AlertState) {
    this.#state = state;
    this.#numbers[this.#at + quietAt] = 0;
  }

  get told(): boolean {
    return this.#told;
  }

  set told(told: boolean) {
    this.#told = told;
    this.#numbers[this.#at + quietAt] = 0;
  }

  get judgedUs(): number {
    return this.#numbers[this.#at + judgedAt]!;
  }

  set judgedUs(timeUs: number) {
    this.#numbers[this.#at + judgedAt] = timeUs;
  }

  get judgedElapsedUs(): number {
    return this.#numbers[this.#at + elapsedAt]!;
  }

  set judgedElapsedUs(elapsedUs: number) {
    this.#numbers[this.#at + elapsedAt] = elapsedUs;
  }

  get value(): number | null {
    const value = this.#numbers[this.#at + valueAt]!;
    return Number.isNaN(value) ? null : value;
  }

  set value(value: number | null) {
    this.#numbers[this.#at + valueAt] = value ?? Number.NaN;
  }

  /** A plain value that later readings do not change. */
  copy(): AlertCell {
    return {
      tags: this.tags,
      state: this.#state,
      judgedUs: this.judgedUs,
      judgedElapsedUs: this.judgedElapsedUs,
      value: this.value,
      threshold: this.threshold,
      told: this.#told,
      key: this.key,
      field: this.field,
      device: this.device,
      stateSinceUs: this.stateSinceUs,
      pendingElapsedUs: this.pendingElapsedUs,
      condition: this.condition,
      severity: this.severity,
      open: this.open,
      beganUs: this.beganUs,
      id: this.id,
    };
  }
}
