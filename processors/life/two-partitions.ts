import { decodeRecords, encodeRecords } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import type { LogMessage, Step } from '../step.ts';
import { logStartUs, stepsOf, stored } from '../test-log.ts';

/** For tests: two partitions of one log and their workers. What one passes on is appended to the other's at once. */

interface Worker {
  pipeline: Pipeline;
  /** Position of the last message in it. */
  position: number;
}

export class TwoPartitions {
  readonly log: LogMessage[] = [];
  readonly steps: Step[] = [];
  readonly #config: ProcessingConfig;
  readonly #workers: Worker[];
  #atSeconds = 0;

  constructor(config: ProcessingConfig) {
    this.#config = config;
    this.#workers = [0, 1].map((partition) => ({ pipeline: this.#begin(partition, null), position: 0 }));
  }

  pipeline(partition: number): Pipeline {
    return this.#workers[partition]!.pipeline;
  }

  /** One message of a partition's log, which its worker takes. */
  append(partition: number, atSeconds: number, ...records: LogRecord[]): void {
    this.#atSeconds = Math.max(this.#atSeconds, atSeconds);
    // As they are written and read.
    const read = decodeRecords(encodeRecords(records));
    this.log.push({
      partition,
      sequence: this.log.length + 1,
      nowUs: logStartUs + this.#atSeconds * 1e6,
      records: read,
    });
    this.#catchUp(partition);
  }

  /** What a worker that is killed goes back to. */
  checkpoint(partition: number): Worker {
    const { pipeline, position } = this.#workers[partition]!;
    return { pipeline: this.#begin(partition, stored(pipeline.snapshot())), position };
  }

  /** kill -9: it goes on from there, over what it has done since, and passes that on again. */
  killed(partition: number, checkpoint: Worker): void {
    this.#workers[partition] = { ...checkpoint };
    this.#catchUp(partition);
  }

  /** Readings of a partition, in its log's order. */
  readings(partition: number) {
    const steps = new Map(
      this.steps.filter((step) => step.partition === partition).map((step) => [step.sequence, step]),
    );
    return [...steps.values()].flatMap(({ readings }) => readings);
  }

  #begin(partition: number, restored: unknown): Pipeline {
    return createPipeline({ config: this.#config, partition, partitions: 2, customs: [], restored });
  }

  #catchUp(partition: number): void {
    const worker = this.#workers[partition]!;
    const waiting = this.log.filter((message) => message.partition === partition && message.sequence > worker.position);
    for (const message of waiting) {
      const [step] = stepsOf(worker.pipeline.operator, [message]);
      worker.position = message.sequence;
      this.steps.push(step!);
      for (const { partition: to, record } of step!.passedOn) this.append(to, this.#atSeconds, record);
    }
  }
}
