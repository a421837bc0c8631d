import type { LogRecord } from '../../events/record.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { LogClock } from '../clock/log-clock.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import { inFoldOrder } from '../windows/fold-order.ts';
import { snapshotFormat, type PipelineSnapshot } from '../snapshot/format.ts';
import type { LogMessage, Step } from '../step.ts';
import { Synchronous } from '../worker/synchronous.ts';
import type { StretchMessage } from './read-stretch.ts';
import { RebuiltOutputs } from './rebuilt-outputs.ts';
import type { RebuiltState } from './state-change.ts';

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
  readonly #outputs = new RebuiltOutputs();
  #nowUs = 0;
  /** What a producer seems to have left out was removed. */
  #isRemoved = false;

  /**
   * @param elapsedUs `elapsed` at the control record, and @param passesUs of it in the stretch (`RebuildClock`).
   * Custom processors do not run.
   */
  constructor(
    config: ProcessingConfig,
    lane: { readonly partition: number; readonly partitions: number },
    elapsedUs: number,
    passesUs: number,
  ) {
    const restored = startingAt(config, lane, Math.max(0, elapsedUs - passesUs));
    this.#pipeline = createPipeline({ config, ...lane, customs: [], restored });
    this.#steps = new Synchronous(this.#pipeline.operator);
  }

  /** The messages of the stretch in the order of the log, each once. */
  take({ missing, sinceUs, ...message }: StretchMessage): void {
    const { sequence, nowUs, records } = message;
    this.#nowUs = nowUs;
    // Other configurations were in force in the stretch; here only the new one is. A control record is alone in its
    // message, which stands outside of time.
    if (records.some(({ kind }) => kind === 'control')) return;
    if (missing > 0 && !this.#isRemoved)
      this.#pipeline.gap({ cause: 'never-arrived', from: sequence, to: sequence, messages: missing, sinceUs });
    this.#isRemoved = false;
    this.#outputs.take(this.#steps.push(message));
  }

  /** Messages were removed before the next one. */
  removed(from: number, to: number): void {
    this.#isRemoved = true;
    this.#pipeline.gap({ cause: 'removed', from, to, messages: to - from + 1, sinceUs: this.#nowUs });
  }

  /**
   * @param before the configuration that was in force: of what it has unchanged nothing is handed on
   */
  result(before: ProcessingConfig, after: ProcessingConfig): RebuiltState {
    const { windows, rules } = this.#pipeline.snapshot() as PipelineSnapshot;
    return {
      windows,
      rules,
      joins: [],
      closed: this.#outputs.closed(freshWindows(before, after)),
      transitions: this.#outputs.transitions(),
      derived: [],
    };
  }
}

/** Names of the windows that are edited or new. */
export function freshWindows(
  before: Pick<ProcessingConfig, 'windows'>,
  after: Pick<ProcessingConfig, 'windows'>,
): ReadonlySet<string> {
  const old = new Set(inFoldOrder(before.windows).map(({ text }) => text));
  const fresh = inFoldOrder(after.windows).filter(({ text }) => !old.has(text));
  return new Set(fresh.map(({ config }) => config.name));
}

/** The state of a pipeline that has read nothing, at a given `elapsed`. */
function startingAt(
  config: ProcessingConfig,
  lane: { readonly partition: number; readonly partitions: number },
  elapsedUs: number,
): PipelineSnapshot {
  const empty = createPipeline({ config, ...lane, customs: [] }).snapshot() as PipelineSnapshot;
  const clock = { previousUs: null, elapsedUs, elapsedAtTickUs: elapsedUs };
  return { ...empty, format: snapshotFormat, intake: { ...empty.intake, clock } };
}
