/** What of the log could not be trimmed at a moment, because a reader still needs it. */
interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Growth is measured over this much time at most, and at least over `spanMinMs`. */
const spanMaxMs = 10 * 60_000;
const spanMinMs = 60_000;
/** At a sample every few seconds, more than `spanMaxMs` of them. */
const samplesMax = 256;

/**
 * How long until the log is full, at the rate of the last minutes. What readers have done with is trimmed, so only what
 * they still need counts. Pure: times are passed in.
 */
export class FillForecast {
  #samples: Sample[] = [];

  /** @returns ms until the unread bytes reach `maxBytes`; null while they do not grow or too little was seen. */
  add(atMs: number, bytes: number, maxBytes: number): number | null {
    this.#samples.push({ atMs, bytes });
    this.#samples = this.#samples.filter((sample) => sample.atMs > atMs - spanMaxMs).slice(-samplesMax);
    const first = this.#samples[0]!;
    const spanMs = atMs - first.atMs;
    if (spanMs < spanMinMs || maxBytes <= 0) return null;
    const bytesPerMs = (bytes - first.bytes) / spanMs;
    if (bytesPerMs <= 0) return null;
    return Math.max(0, Math.round((maxBytes - bytes) / bytesPerMs));
  }
}
