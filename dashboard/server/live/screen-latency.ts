import type { Latency } from '../../../events/health.ts';
import type { LiveBatch } from '../../../events/live.ts';
import { LatencyWindow } from '../../../infra/telemetry/latency.ts';

/** Arrivals kept between two frames; the feed brings at most 10 batches a second and partition. */
const arrivalsMax = 10_000;

/**
 * From a reading's arrival at ingest to the frame that carries it. A batch says when its oldest and newest readings
 * arrived; both count, so percentiles lean to the slow side.
 */
export class ScreenLatency {
  readonly #window = new LatencyWindow();
  #arrivals: number[] = [];

  batch({ oldestReceivedAtUs, newestReceivedAtUs }: LiveBatch): void {
    if (this.#arrivals.length >= arrivalsMax) return;
    for (const arrival of [oldestReceivedAtUs, newestReceivedAtUs])
      if (typeof arrival === 'number') this.#arrivals.push(arrival);
  }

  /** The frames with all batches so far were sent at `atUs`. */
  frames(atUs: number): void {
    const second = Math.floor(atUs / 1e6);
    for (const arrival of this.#arrivals) this.#window.record(Math.max(0, (atUs - arrival) / 1e3), second);
    this.#arrivals = [];
  }

  read(atUs: number): Latency {
    return this.#window.percentiles(Math.floor(atUs / 1e6));
  }
}
