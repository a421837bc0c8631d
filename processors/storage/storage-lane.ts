import { emptyLedger, type Ledger } from '../../events/ledger.ts';
import type { DeviceErased } from '../../events/erased.ts';
import type { TopicTemplate } from '../../events/topics.ts';
import type { StorageReport } from '../../events/health.ts';
import type { DerivedReading } from '../../events/reading.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { WindowResult } from '../../events/window.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Log } from '../../infra/log.ts';
import type { Alarms } from '../alarms.ts';
import { restartOnFailure } from '../restart-on-failure.ts';
import { seriesTags, type ErasedPart } from './erase-series.ts';
import type { InfluxStore } from './influx-store.ts';
import { derivedLine, windowLine, type LineNames } from './line-protocol.ts';
import { ReadingsRun } from './readings-run.ts';
import { ResultsRun, type ResultPoint } from './results-run.ts';
import { windowPolicy } from './retention.ts';

/** A partition, or the results of the fleet's worker, which has no readings of its own. */
export type LaneName = number | 'fleet';

/** A place that a crash would go back to: messages after it must stay in the stream. 0 without one. */
export interface ReaderPosition {
  readonly stream: string;
  readonly subject: string;
  readonly position: number;
}

export interface LaneContext {
  readonly bus: Bus;
  readonly partitions: number;
  readonly checkpoints: Checkpoints;
  readonly store: InfluxStore;
  readonly names: LineNames;
  readonly topics: readonly TopicTemplate[];
  readonly log: Log;
  readonly alarms: Pick<Alarms, 'happened' | 'set'>;
  readonly confirmed: (() => Promise<void>) | undefined;
}

/** Stores one lane, each of its subjects from a position of its own, until the signal. */
export class StorageLane {
  readonly done: Promise<void>;
  readonly #name: LaneName;
  readonly #context: LaneContext;
  readonly #results: { readonly stream: string; readonly subject: string; readonly run: ResultsRun }[] = [];
  #readings: ReadingsRun | null = null;
  #stopped = '';

  constructor(name: LaneName, context: LaneContext, signal: AbortSignal) {
    this.#name = name;
    this.#context = context;
    const runs = [
      this.#follow('windows', streams.windows, subjects.windows(name), windowPoint, signal),
      this.#follow('derived', streams.derived, subjects.derived(name), derivedPoint, signal),
    ];
    if (name !== 'fleet') runs.push(this.#store(name, signal));
    this.done = Promise.all(runs).then(() => undefined);
  }

  /** Null while there is nothing to say yet: its position is not known. */
  report(): StorageReport | null {
    const run = this.#readings;
    if (this.#name === 'fleet' || (run === null && this.#stopped === '')) return null;
    return {
      partition: this.#name,
      position: run?.position ?? 0,
      lagMs: run?.lagMs(Date.now()) ?? 0,
      ledger: run?.ledger.total ?? emptyLedger,
      stopped: this.#stopped,
    };
  }

  ledger(key: string): Ledger | null {
    return this.#readings?.ledger.device(key) ?? null;
  }

  positions(): ReaderPosition[] {
    const results = this.#results.map(({ stream, subject, run }) => ({ stream, subject, position: run.savedPosition }));
    if (this.#name === 'fleet') return results;
    const position = this.#readings?.savedPosition ?? 0;
    return [{ stream: streams.log, subject: subjects.log(this.#name), position }, ...results];
  }

  #store(partition: number, signal: AbortSignal): Promise<void> {
    const { alarms } = this.#context;
    const onGap = (from: number, to: number) =>
      alarms.happened(
        'storage-gap',
        `Partition ${partition}: log messages ${from} to ${to} were removed before they were stored.`,
      );
    const start = async (within: AbortSignal) => {
      const run = new ReadingsRun({
        ...this.#context,
        partition,
        onGap,
        onNotErased: (key, why) => this.#notErased(key, why),
      });
      await run.restore();
      // Until then the report keeps what the run before said.
      this.#readings = run;
      await run.run(within);
    };
    return this.#launch(
      `storage-${partition}`,
      `partition ${partition}`,
      start,
      signal,
      (why) => (this.#stopped = why),
    );
  }

  async #erase(part: ErasedPart, erased: DeviceErased, signal: AbortSignal): Promise<void> {
    const { store, topics, names, confirmed } = this.#context;
    const why = await store.erase(part, seriesTags(erased, topics, names), signal, confirmed);
    if (why !== null) this.#notErased(erased.key, why);
  }

  #notErased(key: string, why: string): void {
    this.#context.alarms.happened('not-erased', `What InfluxDB has of device ${key} was not deleted: ${why}`);
  }

  #follow(
    part: ErasedPart,
    stream: string,
    subject: string,
    pointOf: (item: unknown, names: LineNames) => ResultPoint,
    signal: AbortSignal,
  ): Promise<void> {
    const { names, alarms } = this.#context;
    const code = `storage-${subject.replaceAll('.', '-')}`;
    let refused = 0;
    const onRefused = (detail: string) =>
      alarms.set(`${code}-refused`, `${++refused} results of ${subject} were not stored; the last: ${detail}`);
    const onGap = (from: number, to: number) =>
      alarms.happened('storage-gap', `Results ${from} to ${to} of ${subject} were removed before they were stored.`);
    const toPoint = (item: unknown) => pointOf(item, names);
    const checkpoint = `storage.${subject}`;
    const onErased = (erased: DeviceErased, within: AbortSignal) => this.#erase(part, erased, within);
    const own = { stream, subject, checkpoint, toPoint, onErased, onRefused, onGap };
    const run = new ResultsRun({ ...this.#context, ...own });
    this.#results.push({ stream, subject, run });
    return this.#launch(code, subject, (within) => run.run(within), signal);
  }

  async #launch(
    code: string,
    what: string,
    run: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
    onStop?: (why: string) => void,
  ): Promise<void> {
    const { alarms, log } = this.#context;
    await restartOnFailure(run, signal, (why, error) => {
      onStop?.(why);
      alarms.set(code, why === '' ? null : `Storage of ${what} stopped: ${why}`);
      if (why !== '') log.error({ error }, `storage of ${what} stopped`);
    });
    // Whoever has it next finds out for itself; a final failure is its alarm until then.
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    alarms.set(code, null);
    alarms.set(`${code}-refused`, null);
  }
}

function windowPoint(item: unknown, names: LineNames): ResultPoint {
  const window = item as WindowResult;
  return { line: windowLine(window, names), policy: windowPolicy(window), timeUs: window.startUs };
}

function derivedPoint(item: unknown, names: LineNames): ResultPoint {
  const derived = item as DerivedReading;
  return { line: derivedLine(derived, names), policy: 'readings', timeUs: derived.timeUs };
}
