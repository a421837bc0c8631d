import type { Transition } from '../../events/alert.ts';
import type { LogRecord } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { LogClock } from '../clock/log-clock.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import { inFoldOrder } from '../windows/fold-order.ts';
import { snapshotFormat, type PipelineSnapshot } from '../snapshot/format.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { LogMessage, Step } from '../step.ts';
import { Synchronous } from '../worker/synchronous.ts';
import type { RebuiltState } from './state-change.ts';

/** Results of closed windows that a rebuild hands on; of more the latest. The state is not touched by it. */
export const rebuiltWindowsMax = 50_000;
/** And transitions. */
export const rebuiltTransitionsMax = 10_000;

/** How much of `elapsed` passes in a stretch of the log: the first of the two times that a rebuild reads it. */
export class RebuildClock {
  readonly #clock = new LogClock();

  take(nowUs: number, records: readonly LogRecord[]): void {
    this.#clock.read(nowUs, records);
  }

  get elapsedUs(): number {
    return this.#clock.elapsedUs;
  }
}

/**
 * A stretch of the log through a pipeline of its own, under a new configuration: what its windows and rules come to is
 * taken over by the pipeline that reads the control record at the stretch's end. Pure, like that one.
 *
 * Its `elapsed` begins where it ends at that of the other: deadlines are the same in both.
 */
export class Rebuild {
  readonly #pipeline: Pipeline;
  readonly #steps: Synchronous<LogMessage, Step>;
  readonly #closed = new Map<string, WindowResult>();
  #transitions: Transition[] = [];

  /**
   * @param elapsedUs `elapsed` at the control record, and @param passesUs of it in the stretch (`RebuildClock`).
   * Custom processors do not run. @param lives of the devices, as they were known before the stretch
   */
  constructor(
    config: ProcessingConfig,
    lane: { readonly partition: number; readonly partitions: number },
    elapsedUs: number,
    passesUs: number,
    lives: Columns | null = null,
  ) {
    const restored = startingAt(config, lane, Math.max(0, elapsedUs - passesUs), lives);
    this.#pipeline = createPipeline({ config, ...lane, customs: [], restored });
    this.#steps = new Synchronous(this.#pipeline.operator);
  }

  take(message: LogMessage): void {
    // Other configurations were in force in the stretch; here only the new one is. A control record is alone in its
    // message, which stands outside of time.
    if (message.records.some(({ kind }) => kind === 'control')) return;
    const step = this.#steps.push(message);
    for (const result of step.windows) {
      const { window, key, field, startUs } = result;
      const id = `${window}\n${key}\n${field}\n${startUs}`;
      // The last revision, in the place of the last: so the oldest go first.
      this.#closed.delete(id);
      this.#closed.set(id, result);
      if (this.#closed.size > rebuiltWindowsMax) this.#closed.delete(this.#closed.keys().next().value!);
    }
    for (const transition of step.transitions) this.#transitions.push(transition);
    if (this.#transitions.length > 2 * rebuiltTransitionsMax)
      this.#transitions = this.#transitions.slice(-rebuiltTransitionsMax);
  }

  /** Messages are missing in the stretch. */
  gap(from: number, to: number, sinceUs: number): void {
    this.#pipeline.gap({ cause: 'removed', from, to, messages: to - from + 1, sinceUs });
  }

  /**
   * @param before the configuration that was in force: of what it has unchanged nothing is handed on
   */
  result(before: ProcessingConfig, after: ProcessingConfig): RebuiltState {
    const { windows, rules } = this.#pipeline.snapshot() as PipelineSnapshot;
    const old = new Set(inFoldOrder(before.windows).map(({ text }) => text));
    const fresh = inFoldOrder(after.windows).filter(({ text }) => !old.has(text));
    const changed = new Set(fresh.map(({ config }) => config.name));
    return {
      windows,
      rules,
      closed: [...this.#closed.values()].filter(({ window }) => changed.has(window)),
      transitions: this.#transitions.slice(-rebuiltTransitionsMax),
    };
  }
}

/** The state of a pipeline that has read nothing, at a given `elapsed`. */
function startingAt(
  config: ProcessingConfig,
  lane: { readonly partition: number; readonly partitions: number },
  elapsedUs: number,
  lives: Columns | null,
): PipelineSnapshot {
  const empty = createPipeline({ config, ...lane, customs: [], lives }).snapshot() as PipelineSnapshot;
  const clock = { previousUs: null, elapsedUs, elapsedAtTickUs: elapsedUs };
  return { ...empty, format: snapshotFormat, intake: { ...empty.intake, clock } };
}
