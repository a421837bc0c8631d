import type { Origin } from '../../events/record.ts';
import type { LineNames } from '../storage/line-protocol.ts';
import { derivedLine, readingLine, windowLine, type Line } from '../storage/line-protocol.ts';
import type { InfluxStore } from '../storage/influx-store.ts';
import type { Point } from '../storage/pending-points.ts';
import { PointWriter } from '../storage/point-writer.ts';
import { beyondRetention, windowPolicy, type Policy } from '../storage/retention.ts';
import type { Replayed } from './lane-reader.ts';

interface Held {
  readonly bytes: number;
}

export interface ReplayWriterOptions {
  readonly store: InfluxStore;
  /** Of windows and derived readings. */
  readonly resultNames: LineNames;
  /** Whether a device was erased behind this position of the log: what it sent before stays gone. */
  readonly isErased: (key: string, sequence: number) => boolean;
  readonly onStored: () => void;
  /** A point that InfluxDB refuses, or no longer keeps. */
  readonly onRefused: () => void;
}

/** Writes what a partition's steps give as storage does: the same points, which change nothing where they are already. */
export class ReplayWriter {
  readonly #options: ReplayWriterOptions;
  /** One for each policy that alternates: batches are of one. */
  readonly #readings: PointWriter<Held, null>;
  readonly #results: PointWriter<Held, null>;

  constructor(options: ReplayWriterOptions) {
    this.#options = options;
    const { store, onStored, onRefused } = options;
    const writer = () =>
      new PointWriter<Held, null>({
        store,
        onAnswer: (_source, refusal) => (refusal === null ? onStored() : onRefused()),
        onFinished: () => undefined,
      });
    this.#readings = writer();
    this.#results = writer();
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#readings.run(signal), this.#results.run(signal)]);
  }

  async add(step: Replayed, bytes: number, names: LineNames, signal: AbortSignal): Promise<void> {
    const { resultNames, isErased } = this.#options;
    const stays = ({ key, origin }: { readonly key: string; readonly origin: Origin }) =>
      !isErased(key, origin.sequence);
    const readings = step.readings
      .filter(stays)
      .flatMap((reading) => this.#point(readingLine(reading, names), 'readings', reading.timeUs, step.nowUs));
    const derived = step.derived
      .filter(stays)
      .flatMap((one) => this.#point(derivedLine(one, resultNames), 'readings', one.timeUs, step.nowUs));
    const windows = step.windows.filter(stays).flatMap((window) => {
      const policy = windowPolicy(window);
      return this.#point(windowLine(window, resultNames), policy, window.startUs, step.nowUs);
    });
    this.#readings.add({ bytes }, [...readings, ...derived]);
    if (windows.length > 0) this.#results.add({ bytes: 0 }, windows);
    await this.#readings.room(signal);
    await this.#results.room(signal);
  }

  async drained(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#readings.drained(signal), this.#results.drained(signal)]);
  }

  #point(line: Line, policy: Policy, timeUs: number, nowUs: number): Point<null>[] {
    if (line.kind === 'line' && !beyondRetention(policy, timeUs, nowUs))
      return [{ line: line.text, policy, source: null }];
    this.#options.onRefused();
    return [];
  }
}
