import { Subject, type Subscription } from 'rxjs';
import type { Transition } from '../../events/alert.ts';
import type { AlertStatus } from '../../events/device.ts';
import type { Reading } from '../../events/reading.ts';
import { createCell, endCell, moveCell, statusOf, type AlertCell, type Moment } from '../rules/alert-cell.ts';
import type { Step } from '../step.ts';
import { attributed, culprit, type Attributed } from './attribution.ts';
import type { AlertOutput, DerivedOutput, ProcessorContext, ProcessorOutput } from './context.ts';
import type { CustomProcessor } from './load.ts';
import { outputProblem } from './output-problem.ts';

/** What a processor may emit for one reading; more is taken for a mistake. */
export const outputsPerReadingMax = 1_000;
/** Alerts (device and field) of one processor in one partition. */
export const alertsPerProcessorMax = 100_000;
/** Of `ctx.state` as JSON, per processor and partition. */
export const stateCharsMax = 16 * 1024 * 1024;
/** It is looked at with the first message of each minute of the log's `elapsed`, as writing it takes time. */
const checkEveryUs = 60e6;

export interface RunningProcessorSnapshot {
  readonly name: string;
  readonly file: string;
  readonly hash: string;
  /** `ctx.state` as JSON. */
  readonly state: string;
  readonly cells: readonly AlertCell[];
  /** Minute of `elapsed` in which the state was last looked at. */
  readonly checked: number;
  /** Why it was stopped; null while it runs. */
  readonly stopped: string | null;
}

/** The reading being processed, and where its outputs go. */
interface Current {
  readonly reading: Reading;
  readonly moment: Moment;
  readonly step: Step;
  outputs: number;
}

/**
 * A user's processor at work in one partition. It answers synchronously, while it is given a reading; if it throws,
 * emits at another time or emits what cannot be taken, it alone is stopped, with a report that names the reading.
 * Stopped it stays, over restarts too, until its file has changed.
 */
export class RunningProcessor {
  readonly custom: CustomProcessor;
  readonly #input = new Subject<Reading>();
  readonly #state: Record<string, unknown>;
  readonly #cells = new Map<string, AlertCell>();
  #subscription: Subscription | null = null;
  #current: Current | null = null;
  #lastReading: Reading | null = null;
  #nowUs = 0;
  #checked: number;
  /** Why it was stopped; null while it runs. */
  #stopped: string | null = null;
  /** No step has taken the report along yet. */
  #unreported = false;

  constructor(custom: CustomProcessor, partition: number, saved?: RunningProcessorSnapshot) {
    this.custom = custom;
    this.#checked = saved?.checked ?? -1;
    this.#state = saved === undefined ? {} : (JSON.parse(saved.state) as Record<string, unknown>);
    for (const cell of saved?.cells ?? []) this.#cells.set(cellKey(cell.key, cell.field), { ...cell });
    if (saved?.hash === custom.hash) this.#stopped = saved.stopped;
    if (this.#stopped === null) this.#start(partition);
  }

  /** Gives it a reading; what it answers is in the step. */
  push(reading: Reading, moment: Moment, step: Step): void {
    if (this.#stopped === null) {
      this.#nowUs = moment.nowUs;
      this.#current = { reading, moment, step, outputs: 0 };
      this.#lastReading = reading;
      attributed(this.#accountFor(reading), () => this.#input.next(reading));
      this.#current = null;
    }
    this.report(step);
  }

  /**
   * Ends a message: now and then its state is looked at. Where follows from the log alone: were it looked at when a
   * checkpoint is taken, that would decide when the processor stops.
   */
  endStep(step: Step, { elapsedUs }: Moment): void {
    const minute = Math.floor(elapsedUs / checkEveryUs);
    if (minute !== this.#checked && this.#stopped === null) {
      this.#checked = minute;
      const state = stateText(this.#state);
      if ('problem' in state) this.#fail(state.problem);
      else if (state.text.length > stateCharsMax)
        this.#fail(`its ctx.state has ${state.text.length} characters as JSON, at most ${stateCharsMax} are kept`);
    }
    this.report(step);
  }

  /** Leaves a failure that no step has taken along yet. */
  report(step: Step): void {
    if (!this.#unreported || this.#stopped === null) return;
    step.failures.push({ processor: this.custom.name, message: this.#stopped, reading: this.#lastReading });
    this.#unreported = false;
  }

  status(): AlertStatus[] {
    return Array.from(this.#cells.values(), (cell) => statusOf(this.custom.name, cell));
  }

  /** Changes nothing. What cannot be written is lost with a restart, and the processor is stopped after that. */
  snapshot(): RunningProcessorSnapshot {
    const { name, file, hash } = this.custom;
    const state = stateText(this.#state);
    const cells = Array.from(this.#cells.values(), (cell) => ({ ...cell }));
    const of = { name, file, hash, cells, checked: this.#checked };
    if ('problem' in state) return { ...of, state: '{}', stopped: this.#stopped ?? state.problem };
    return { ...of, state: state.text, stopped: this.#stopped };
  }

  /** Why it was stopped; null while it runs. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /** It is no longer configured: its alerts end. */
  retire({ partition, sequence, transitions }: Step, moment: Moment): void {
    const origin = { partition, sequence, index: -1 };
    for (const cell of this.#cells.values()) {
      const cause = {
        rule: this.custom.name,
        value: null,
        why: 'removed',
        timeUs: moment.nowUs,
        origin,
        moment,
      } as const;
      const transition = endCell(cell, cause);
      if (transition !== null) transitions.push(transition);
    }
  }

  /** Ends it for good. */
  stop(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = null;
    this.#input.complete();
  }

  #start(partition: number): void {
    if (this.custom.problem !== undefined) return this.#fail(this.custom.problem);
    try {
      this.#subscription = attributed(this.#accountFor(null), () =>
        this.custom.run(this.#input.asObservable(), this.#context(partition)).subscribe({
          next: (output) => this.#take(output),
          error: (error: unknown) => this.#fail(`it threw: ${describe(error)}`),
        }),
      );
      // It may have failed while it subscribed.
      if (this.#stopped !== null) this.stop();
    } catch (error) {
      this.#fail(`it threw at its start: ${describe(error)}`);
    }
  }

  #take(output: ProcessorOutput): void {
    const current = this.#current;
    if (this.#stopped !== null) return;
    if (current === null)
      return this.#fail(
        'it emitted when it was given no reading: a processor answers synchronously',
        // The one that it began this with, if that can be told.
        culprit()?.reading ?? this.#lastReading,
      );
    if (++current.outputs > outputsPerReadingMax) {
      return this.#fail(`it emitted more than ${outputsPerReadingMax} times for one reading`);
    }
    const problem = outputProblem(output);
    if (problem !== null) return this.#fail(problem);
    if (output.kind === 'derived') this.#derive(output, current);
    else this.#alert(output, current);
  }

  #derive({ source, fields }: DerivedOutput, { reading, step }: Current): void {
    const { key, device, timeUs, tags } = source;
    step.derived.push({ processor: this.custom.name, key, device, timeUs, fields, tags, origin: reading.origin });
  }

  #alert({ source, firing, field, value, threshold, condition, severity }: AlertOutput, current: Current): void {
    const at = cellKey(source.key, field);
    let cell = this.#cells.get(at);
    if (cell === undefined) {
      if (this.#cells.size >= alertsPerProcessorMax) {
        return this.#fail(`it has more than ${alertsPerProcessorMax} alerts`);
      }
      cell = createCell(source, field);
      this.#cells.set(at, cell);
    }
    const { device, tags, timeUs } = source;
    Object.assign(cell, { device, tags, value, threshold, condition, severity, judgedUs: timeUs });
    const { moment, reading, step } = current;
    const cause = { rule: this.custom.name, value, timeUs, origin: reading.origin, moment };
    const transition: Transition | null = moveCell(cell, firing ? 'firing' : 'ok', cause);
    if (transition !== null) step.transitions.push(transition);
  }

  #fail(message: string, reading: Reading | null = this.#lastReading): void {
    if (this.#stopped !== null) return;
    this.#stopped = message;
    this.#lastReading = reading;
    this.#unreported = true;
    this.stop();
  }

  /** For what it leaves behind: a rejected promise, a timer that throws. */
  #accountFor(reading: Reading | null): Attributed {
    return { name: this.custom.name, reading, fail: (message) => this.#fail(message, reading) };
  }

  #context(partition: number): ProcessorContext {
    const nowUs = () => this.#nowUs;
    return {
      name: this.custom.name,
      partition,
      state: this.#state,
      get nowUs() {
        return nowUs();
      },
      derive: (source, fields) => ({ kind: 'derived', source, fields }),
      alert: (source, alert) => ({ kind: 'alert', severity: 'warning', ...alert, source }),
    };
  }
}

function cellKey(key: string, field: string): string {
  return `${key} ${field}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function stateText(state: Record<string, unknown>): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: JSON.stringify(state) };
  } catch (error) {
    return { problem: `its ctx.state cannot be written as JSON: ${describe(error)}` };
  }
}
