import { getConfigVersion, versionAt } from '../../infra/bus/config-versions.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { enrichedTags } from '../../infra/config/enriched-tags.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import { createIntake, type Intake } from '../intake.ts';
import type { LogMessage, Step } from '../step.ts';
import { readBatch } from '../worker/log-batch.ts';
import { Producers } from '../worker/producers.ts';
import { Synchronous } from '../worker/synchronous.ts';
import { LedgerBook, type LedgerBookState } from './ledger-book.ts';
import type { LineNames } from './line-protocol.ts';
import { readingPoints, type ReadingPoints } from './reading-points.ts';
import { seriesNames } from './series-names.ts';
import type { StorageCheckpoint } from './storage-checkpoint.ts';

/** The part of a checkpoint that reading the log depends on. */
export type IntakeState = Pick<StorageCheckpoint, 'producers' | 'configVersion' | 'intake' | 'ledger'>;

interface Engine {
  readonly intake: Intake;
  readonly steps: Synchronous<LogMessage, Step>;
  names: LineNames;
}

const nothing: ReadingPoints = { points: [], quarantined: [] };

/** From messages of the log to points, through the same intake as the worker's, under the configuration in force. */
export class StorageIntake {
  readonly #bus: Bus;
  readonly #partition: number;
  readonly #partitions: number;
  #producers = new Producers();
  #ledger = new LedgerBook(0);
  #engine: Engine | null = null;
  #configVersion = 0;

  constructor({ bus, partition, partitions }: { bus: Bus; partition: number; partitions: number }) {
    this.#bus = bus;
    this.#partition = partition;
    this.#partitions = partitions;
  }

  get ledger(): LedgerBook {
    return this.#ledger;
  }

  async restore({ producers, configVersion, intake, ledger }: IntakeState): Promise<void> {
    this.#producers = new Producers(producers);
    this.#start(configVersion, await getConfigVersion(this.#bus, configVersion), intake, ledger);
  }

  /** Null as long as nothing was taken. */
  snapshot(): IntakeState | null {
    if (this.#engine === null) return null;
    return {
      producers: this.#producers.snapshot(),
      configVersion: this.#configVersion,
      intake: this.#engine.intake.snapshot(),
      ledger: this.#ledger.snapshot(),
    };
  }

  /** Takes the next message. @throws LOG_FORMAT, LOG_UNAVAILABLE when its configuration cannot be read. */
  async take(message: StreamMessage): Promise<ReadingPoints> {
    const { sequence, timeUs: nowUs } = message;
    const batch = readBatch(message, this.#producers);
    const engine = this.#engine ?? (await this.#startAfresh(sequence));
    const control = batch.records.find((record) => record.kind === 'control');
    if (control !== undefined && control.version !== this.#configVersion) {
      const config = await getConfigVersion(this.#bus, control.version);
      engine.intake.reconfigure(config);
      engine.names = seriesNames(config.topics, enrichedTags(config.transforms));
      this.#configVersion = control.version;
    }
    if (batch.repeated) return nothing;
    const step = engine.steps.push({ partition: this.#partition, sequence, nowUs, records: batch.records });
    for (const key of step.forgotten) this.#ledger.forget(key);
    return readingPoints(step, engine.names, this.#ledger);
  }

  #start(version: number, config: ProcessingConfig, restored: unknown, ledger?: LedgerBookState): Engine {
    const options = { config, partition: this.#partition, partitions: this.#partitions, restored, isStorage: true };
    const intake = createIntake(options);
    this.#engine = {
      intake,
      steps: new Synchronous(intake.operator),
      names: seriesNames(config.topics, enrichedTags(config.transforms)),
    };
    this.#configVersion = version;
    this.#ledger = new LedgerBook(config.limits.devicesMax, ledger);
    return this.#engine;
  }

  async #startAfresh(sequence: number): Promise<Engine> {
    const version = await versionAt(this.#bus, this.#partition, sequence);
    if (version === null)
      throw new MillraceError(
        'LOG_UNAVAILABLE',
        `No configuration is in force in partition ${this.#partition} of the log.`,
      );
    return this.#start(version, await getConfigVersion(this.#bus, version), null);
  }
}
