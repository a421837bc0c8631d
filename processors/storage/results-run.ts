import { isErased, type DeviceErased } from '../../events/erased.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { InfluxStore } from './influx-store.ts';
import type { Line } from './line-protocol.ts';
import type { Point } from './pending-points.ts';
import { PointWriter } from './point-writer.ts';
import { beyondRetention, type Policy } from './retention.ts';

const saveEveryMs = 5_000;
const stopWithinMs = 3_000;

/** A computed result and where it is stored. */
export interface ResultPoint {
  readonly line: Line;
  readonly policy: Policy;
  readonly timeUs: number;
}

export interface ResultsContext {
  readonly bus: Bus;
  readonly checkpoints: Checkpoints;
  readonly store: InfluxStore;
  /** Of the lease it runs under: awaited before each write. */
  readonly confirmed?: (() => Promise<void>) | undefined;
  readonly stream: string;
  readonly subject: string;
  /** Name of the checkpoint, which holds the position as JSON. */
  readonly checkpoint: string;
  /** @param item as its writer wrote it: WINDOWS and DERIVED have one writer, of this version */
  readonly toPoint: (item: unknown) => ResultPoint;
  /** Deletes what this subject has stored of a device, until InfluxDB has answered. */
  readonly onErased: (erased: DeviceErased, signal: AbortSignal) => Promise<void>;
  /** A result that InfluxDB does not keep, and why. It has no place in quarantine: its readings have. */
  readonly onRefused: (detail: string) => void;
  readonly onGap: (from: number, to: number) => void;
}

interface Held {
  readonly sequence: number;
  readonly bytes: number;
}

/** Stores what workers computed, windows or derived readings: JSON arrays from a fenced subject to InfluxDB. */
export class ResultsRun {
  readonly #context: ResultsContext;
  #answered = 0;
  #saved = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(context: ResultsContext) {
    this.#context = context;
  }

  get savedPosition(): number {
    return this.#saved;
  }

  /** Runs from the last checkpoint until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, checkpoints, checkpoint, onRefused, confirmed } = this.#context;
    const bytes = await checkpoints.load(checkpoint);
    this.#saved = bytes === null ? 0 : (JSON.parse(Buffer.from(bytes).toString()) as Held).sequence;
    this.#answered = this.#saved;
    this.#saving = Promise.resolve();
    const writer = new PointWriter<Held, null>({
      store,
      confirmed,
      onAnswer: (_source, refusal) => {
        if (refusal !== null) onRefused(refusal);
      },
      onFinished: ({ message }) => (this.#answered = message.sequence),
    });
    const end = new AbortController();
    const running = AbortSignal.any([signal, end.signal]);
    const written = writer.run(end.signal);
    const failed = Promise.withResolvers<never>();
    const saving = setInterval(() => void this.#save().catch(failed.reject), saveEveryMs);
    const followed = this.#follow(writer, running);
    try {
      await Promise.race([followed, written, failed.promise]);
      await writer.drained(AbortSignal.timeout(stopWithinMs));
      await Promise.race([this.#save(), new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref())]);
    } finally {
      clearInterval(saving);
      end.abort();
      await Promise.allSettled([written, followed]);
    }
  }

  async #follow(writer: PointWriter<Held, null>, signal: AbortSignal): Promise<void> {
    const { bus, stream, subject, toPoint, onErased, onRefused, onGap } = this.#context;
    for await (const message of readStream(bus, { stream, subject, after: this.#saved, signal, onGap })) {
      const points: Point<null>[] = [];
      for (const item of JSON.parse(Buffer.from(message.data).toString()) as unknown[]) {
        if (isErased(item)) {
          // What was written of it is there before it is deleted, and nothing of it is on its way.
          writer.add({ sequence: message.sequence - 1, bytes: 0 }, points.splice(0));
          await writer.drained(signal);
          if (!signal.aborted) await onErased(item, signal);
          continue;
        }
        const { line, policy, timeUs } = toPoint(item);
        if (line.kind === 'refused') onRefused(line.detail);
        else if (beyondRetention(policy, timeUs, message.timeUs)) onRefused('It is older than the storage keeps.');
        else points.push({ line: line.text, policy, source: null });
      }
      writer.add({ sequence: message.sequence, bytes: message.data.length }, points);
      await writer.room(signal);
      if (signal.aborted) return;
    }
  }

  /** One save at a time: each has to know what the one before it left. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveNow());
    return this.#saving;
  }

  async #saveNow(): Promise<void> {
    const sequence = this.#answered;
    if (sequence === this.#saved) return;
    const { checkpoints, checkpoint } = this.#context;
    await checkpoints.save(checkpoint, Buffer.from(JSON.stringify({ sequence })));
    this.#saved = sequence;
  }
}
