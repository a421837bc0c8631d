import { setTimeout as wait } from 'node:timers/promises';
import { configsInForce } from '../../infra/bus/config-versions.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { enrichedTags } from '../../infra/config/enriched-tags.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Log } from '../../infra/log.ts';
import { FieldCatalogue } from './figures/field-catalogue.ts';
import { Statements } from './history/statements.ts';
import type { UnmatchedTopics } from './intake/unmatched-topics.ts';

const retryMs = 1_000;

/** What pages list of a configuration. */
export type ShownConfig = Pick<ProcessingConfig, 'fields' | 'rules' | 'topics' | 'transforms' | 'windows'>;

/**
 * The configuration that the pages show, with what is made of it. It begins as that of the server's start and follows
 * what is put in force; routes read it anew for each request.
 */
export class ConfigInForce {
  readonly #unmatched: UnmatchedTopics;
  #version: number | null = null;
  #config: ShownConfig;
  #fields: FieldCatalogue;
  #statements: Statements;

  constructor(config: ShownConfig, unmatched: UnmatchedTopics) {
    this.#unmatched = unmatched;
    this.#config = config;
    this.#fields = new FieldCatalogue(config.fields);
    this.#statements = statementsOf(config);
  }

  /** Null before the first was read. */
  get version(): number | null {
    return this.#version;
  }

  get config(): ShownConfig {
    return this.#config;
  }

  get fields(): FieldCatalogue {
    return this.#fields;
  }

  get statements(): Statements {
    return this.#statements;
  }

  /** Keeps up with what is put in force until aborted. */
  async follow(bus: Bus, signal: AbortSignal, log: Log): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { version, config } of configsInForce(bus, signal)) this.#use(version, config);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'the configuration in force cannot be followed; trying again');
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #use(version: number, config: ProcessingConfig): void {
    this.#fields = new FieldCatalogue(config.fields);
    this.#statements = statementsOf(config);
    this.#unmatched.use(config.topics);
    this.#config = config;
    this.#version = version;
  }
}

function statementsOf({ topics, transforms }: ShownConfig): Statements {
  return new Statements(topics, enrichedTags(transforms));
}
