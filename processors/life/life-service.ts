import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeRecords } from '../../events/record-codec.ts';
import type { LifeAnswer, LifeRequest } from '../../events/life.ts';
import type { LifeOperation } from '../../events/record.ts';
import { subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { serveRequests } from '../../infra/bus/core.ts';
import { askLife } from '../../infra/bus/device-life.ts';
import { createLogPublisher, type LogPublisher } from '../../infra/bus/log-publisher.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Step } from '../step.ts';
import type { LifeOutcome } from './device-lives.ts';
import { operationOf, type ElsewhereFirst } from './life-request.ts';

/** Operations whose outcome is remembered until it is asked for. */
const outcomesMax = 1_000;
/** How long an answer waits for the worker to come to the operation, ms; it may be far behind. */
const passWithinMs = 5_000;
/** How long the worker of another partition may take, ms, and what it passes on to come here. Less than who asks waits. */
const elsewhereWithinMs = 6_000;
const notedWithinMs = 1_500;

export interface LifeServiceOptions {
  readonly bus: Bus;
  readonly partition: number;
  readonly partitions: number;
  readonly log: Log;
  /** False while another process may be the partition's worker. */
  readonly mayAct: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Answers on `commands.life.<p>`: appends device-life operations to the partition's log, as another producer of it beside
 * ingest, and says what came of them when its worker has read them.
 */
export class LifeService implements Disposable {
  readonly #options: LifeServiceOptions;
  readonly #publisher: LogPublisher;
  readonly #stopServing: () => void;
  readonly #outcomes = new Map<number, LifeOutcome>();
  readonly #waiting = new Map<number, (outcome: LifeOutcome) => void>();
  /** Told of each message with operations. */
  readonly #watching = new Set<() => void>();
  #pipeline: Pipeline | null = null;
  #config: () => ProcessingConfig | null = () => null;
  #sequence = 0;
  /** One batch at a time is on its way, so that they are stored in order. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LifeServiceOptions) {
    this.#options = options;
    const { bus, partition, log } = options;
    this.#publisher = createLogPublisher(bus, { producer: `life-${randomBytes(9).toString('base64url')}` });
    this.#stopServing = serveRequests(
      bus,
      subjects.commandsLife(partition),
      async (data) => Buffer.from(JSON.stringify(await this.#answer(data))),
      (error) => log.warn({ error, partition }, 'a device-life operation was not answered'),
    );
  }

  /** From now on requests are held against this pipeline. */
  show(pipeline: Pipeline, config: () => ProcessingConfig | null): void {
    this.#pipeline = pipeline;
    this.#config = config;
  }

  /** The worker has read a message. */
  passed({ sequence, lives }: Pick<Step, 'sequence' | 'lives'>): void {
    if (lives.length === 0) return;
    for (const look of this.#watching) look();
    const { outcome } = lives[0]!;
    const waits = this.#waiting.get(sequence);
    if (waits !== undefined) return waits(outcome);
    this.#outcomes.set(sequence, outcome);
    if (this.#outcomes.size > outcomesMax) this.#outcomes.delete(this.#outcomes.keys().next().value!);
  }

  async #answer(data: Uint8Array): Promise<LifeAnswer> {
    const { partition, partitions, mayAct } = this.#options;
    if (!mayAct()) throw new Error('the lease of the partition is not confirmed');
    const [pipeline, config] = [this.#pipeline, this.#config()];
    if (pipeline === null || config === null) throw new Error('the worker is still restoring its state');
    const request = JSON.parse(Buffer.from(data).toString()) as LifeRequest;
    const operation = operationOf(request, pipeline, { partition, partitions, topics: config.topics });
    if ('outcome' in operation) return operation;
    return 'ask' in operation ? this.#elsewhereFirst(request.key, operation) : this.#perform(operation);
  }

  /** What of it is the other partition's is decided there, at one position of its log, and passed on to here. */
  async #elsewhereFirst(key: string, { partition, ask, until, next }: ElsewhereFirst): Promise<LifeAnswer> {
    let answer: LifeAnswer;
    try {
      answer = await askLife(this.#options.bus, partition, ask, elsewhereWithinMs);
    } catch (error) {
      this.#options.log.warn({ error, partition }, 'the worker of another partition did not answer');
      const message = `The worker of partition ${partition}, where the readings of ${ask.key} come, does not answer: it may or may not be done. To ask again does no harm.`;
      return { outcome: 'refused', message };
    }
    if (answer.outcome !== 'done') return answer;
    const isNoted = await this.#seen(() => until(this.#pipeline!.lives.of(key)));
    if (next === null) return answer;
    const message = `The readings of ${ask.key} are its own again, but not all that was passed on of them is here yet. Ask again.`;
    return isNoted ? this.#perform(next) : { outcome: 'refused', message };
  }

  /** Resolves with whether it came to be so in time. */
  async #seen(isSo: () => boolean): Promise<boolean> {
    if (isSo()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = () => void (isSo() && resolve(true));
    this.#watching.add(look);
    try {
      return await Promise.race([promise, wait(notedWithinMs, false, { signal: this.#options.signal })]);
    } finally {
      this.#watching.delete(look);
    }
  }

  async #perform(operation: LifeOperation): Promise<LifeAnswer> {
    const atUs = Date.now() * 1_000;
    const stored = this.#last.then(() => this.#append(encodeRecords([{ kind: 'life', atUs, operation }])));
    this.#last = stored.catch(() => undefined);
    const sequence = await stored;
    const outcome = await this.#outcomeOf(sequence);
    return outcome === 'done' ? { outcome: 'done', sequence } : { outcome: 'refused', message: outcome };
  }

  #append(data: Uint8Array): Promise<number> {
    const { partition, signal } = this.#options;
    return this.#publisher.publish(partition, data, ++this.#sequence, signal);
  }

  async #outcomeOf(sequence: number): Promise<LifeOutcome> {
    const known = this.#outcomes.get(sequence);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<LifeOutcome>();
    this.#waiting.set(sequence, resolve);
    try {
      // Stored it will be done, even if the worker is far behind.
      return await Promise.race([promise, wait(passWithinMs, 'done', { signal: this.#options.signal })]);
    } finally {
      this.#waiting.delete(sequence);
    }
  }

  [Symbol.dispose](): void {
    this.#stopServing();
    this.#publisher.close();
  }
}
