import type { AlertStatus } from '../../events/device.ts';
import type { Moment } from '../rules/alert-cell.ts';
import type { Step } from '../step.ts';
import type { CustomProcessor } from './load.ts';
import { RunningProcessor, type RunningProcessorSnapshot } from './running-processor.ts';

/** All custom processors of a configuration, at work in one partition. */
export class ProcessorSet {
  readonly #partition: number;
  #running: readonly RunningProcessor[];
  /** No longer configured; the next step takes the end of their alerts along. */
  #retired: readonly RunningProcessor[] = [];

  constructor(
    customs: readonly CustomProcessor[],
    partition: number,
    restored: readonly RunningProcessorSnapshot[] = [],
  ) {
    this.#partition = partition;
    this.#running = customs.map((custom) => {
      const saved = restored.find(({ name, file }) => name === custom.name && file === custom.file);
      return new RunningProcessor(custom, partition, saved);
    });
  }

  /** A processor of the same name and file goes on with its state, on new code if the file changed. */
  reconfigure(customs: readonly CustomProcessor[]): void {
    const before = this.#running;
    const keeps = (custom: CustomProcessor) =>
      before.find((running) => running.custom.name === custom.name && running.custom.file === custom.file);
    this.#running = customs.map((custom) => {
      const same = keeps(custom);
      if (same === undefined || same.custom.hash === custom.hash)
        return same ?? new RunningProcessor(custom, this.#partition);
      return new RunningProcessor(custom, this.#partition, same.snapshot());
    });
    for (const running of before) if (!this.#running.includes(running)) running.stop();
    this.#retired = before.filter(
      ({ custom }) => !this.#running.some(({ custom: { name, file } }) => name === custom.name && file === custom.file),
    );
  }

  push(step: Step, moment: Moment): void {
    for (const running of this.#retired) running.retire(step, moment);
    this.#retired = [];
    for (const running of this.#running) {
      running.report(step);
      for (const reading of step.readings) running.push(reading, moment, step);
      running.endStep(step, moment);
    }
  }

  /** The alerts on these devices; without keys on all. */
  status(keys?: readonly string[]): AlertStatus[] {
    const wanted = keys === undefined ? null : new Set(keys);
    return this.#running.flatMap((running) => running.status().filter(({ key }) => wanted === null || wanted.has(key)));
  }

  /** Those that were stopped, and why. */
  stopped(): { processor: string; message: string }[] {
    return this.#running.flatMap(({ custom, stopped }) =>
      stopped === null ? [] : [{ processor: custom.name, message: stopped }],
    );
  }

  snapshot(): RunningProcessorSnapshot[] {
    return this.#running.map((running) => running.snapshot());
  }
}
