import type { DerivedReading } from '../../events/reading.ts';
import type { WindowResult } from '../../events/window.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';

/**
 * What a replay cannot know when the log no longer holds all that came before: what was written then is right, and what
 * the rest of the log gives is not. All readings of the missing messages are from before `untilUs`, the log's clock where
 * the log goes on and what a device may be ahead of it; only what begins after that is the same as it was. Devices that
 * are behind give less than could be known.
 */
export class UnknownPast {
  #untilUs = Number.NEGATIVE_INFINITY;
  #rebuiltInPart = false;
  /** Results that were not handed on. */
  withheld = 0;

  /** Messages are missing before one of the log's clock `nowUs`. */
  missing(nowUs: number, { clock, transforms }: ProcessingConfig): void {
    // Which reading of a slot is kept depends on the first of it.
    const slotMs = Math.max(0, ...transforms.map(({ sample }) => sample ?? 0));
    this.#untilUs = Math.max(this.#untilUs, nowUs + (clock.maxAhead + slotMs) * 1e3);
  }

  /** A state was rebuilt from less than there was: which of its results lack something they say. */
  rebuiltInPart(): void {
    this.#rebuiltInPart = true;
  }

  /** Null when nothing is missing, us. */
  get untilUs(): number | null {
    return this.#untilUs === Number.NEGATIVE_INFINITY ? null : this.#untilUs;
  }

  windows(results: readonly WindowResult[], config: ProcessingConfig): readonly WindowResult[] {
    if (this.untilUs === null && !this.#rebuiltInPart) return results;
    return this.#count(
      results,
      results.filter((result) => this.knows(result, config)),
    );
  }

  /** What joins gave; a custom processor's own state is its own affair. */
  derived(readings: readonly DerivedReading[], { joins }: ProcessingConfig): readonly DerivedReading[] {
    if (this.untilUs === null) return readings;
    const tolerances = new Map(joins.map(({ name, tolerance }) => [name, tolerance * 1e3]));
    return this.#count(
      readings,
      readings.filter(({ processor, timeUs }) => {
        const toleranceUs = tolerances.get(processor);
        return toleranceUs === undefined || timeUs - toleranceUs > this.#untilUs;
      }),
    );
  }

  /** Whether a result is what it was when nothing was missing. */
  knows({ window, startUs, incomplete }: WindowResult, { windows }: ProcessingConfig): boolean {
    const config = windows.find(({ name }) => name === window);
    if (this.#rebuiltInPart && incomplete === true) return false;
    if (this.untilUs === null) return true;
    // Count windows begin where the one before ended: where that was is lost for good.
    if (config?.kind === 'count') return false;
    // A reading that is missing may be of the session, if it is less than the gap before.
    return startUs - (config?.gap ?? 0) * 1e3 > this.#untilUs;
  }

  #count<T>(all: readonly T[], known: readonly T[]): readonly T[] {
    this.withheld += all.length - known.length;
    return known;
  }
}
