import type { FieldState } from '../../events/device.ts';
import type { FieldValue } from '../../events/reading.ts';

/** Gaps between readings that the learned interval is the median of. */
export const gapsKept = 16;
/** Fewer gaps than this teach nothing. */
const gapsMin = 3;
/** A learned interval is news when it has moved by more than this share. */
const newsShare = 0.1;

export type FieldHistoryRow = readonly [
  name: string,
  value: FieldValue,
  timeUs: number,
  gapsSeen: number,
  toldIntervalUs: number | null,
  gapsUs: readonly number[],
];

/** The latest value of one field of one device, and how often it comes. */
export class FieldHistory {
  #value: FieldValue;
  #timeUs: number;
  /** The last gaps of event time in us, a ring: the next one goes to `#gapsSeen % gapsKept`. */
  #gapsUs: number[] = [];
  #gapsSeen = 0;
  #toldIntervalUs: number | null = null;

  constructor(value: FieldValue, timeUs: number) {
    this.#value = value;
    this.#timeUs = timeUs;
  }

  /** Takes a value; one older than the latest changes nothing. True: the learned interval is news. */
  take(value: FieldValue, timeUs: number): boolean {
    if (timeUs < this.#timeUs) return false;
    this.#value = value;
    if (timeUs === this.#timeUs) return false;
    this.#gapsUs[this.#gapsSeen % gapsKept] = timeUs - this.#timeUs;
    this.#gapsSeen++;
    this.#timeUs = timeUs;
    // The median costs more than all else here: it is looked at when first known and once a round.
    return (this.#gapsSeen === gapsMin || this.#gapsSeen % gapsKept === 0) && this.#isNews();
  }

  get state(): FieldState {
    return { value: this.#value, timeUs: this.#timeUs, intervalUs: this.#intervalUs() };
  }

  toRow(name: string): FieldHistoryRow {
    return [name, this.#value, this.#timeUs, this.#gapsSeen, this.#toldIntervalUs, [...this.#gapsUs]];
  }

  static fromRow([, value, timeUs, gapsSeen, toldIntervalUs, gapsUs]: FieldHistoryRow): FieldHistory {
    const history = new FieldHistory(value, timeUs);
    history.#gapsSeen = gapsSeen;
    history.#toldIntervalUs = toldIntervalUs;
    history.#gapsUs = [...gapsUs];
    return history;
  }

  /** The lower median, so that it is a gap that was seen. */
  #intervalUs(): number | null {
    if (this.#gapsUs.length < gapsMin) return null;
    return this.#gapsUs.toSorted((a, b) => a - b)[(this.#gapsUs.length - 1) >> 1]!;
  }

  #isNews(): boolean {
    const intervalUs = this.#intervalUs();
    if (intervalUs === null) return false;
    const told = this.#toldIntervalUs;
    if (told !== null && Math.abs(intervalUs - told) <= told * newsShare) return false;
    this.#toldIntervalUs = intervalUs;
    return true;
  }
}
