import { createHash } from 'node:crypto';
import { buckets } from '../../events/subjects.ts';
import type { Bus } from '../bus/connection.ts';
import { isUnclear, openBucket, valueMaxBytes, type Bucket } from '../bus/kv.ts';
import { MillraceError } from '../errors.ts';
import { RegistryFailure } from './registry-failure.ts';
import { emptyIndex, type RegistryIndex } from './registry-index.ts';
import type { SchemaReference, SchemaText } from './schema-text.ts';

/**
 * KV `schemas`: `index` is what is registered, changed by compare-and-set; `text.<hash>` are texts, each under the
 * SHA-256 of its content, written before the index names them and never changed or removed.
 */
const indexKey = 'index';
const changeAttemptsMax = 20;
/** A text is remembered by its hash, which is its content. */
const rememberedMax = 4_096;

export class SchemaStore {
  readonly #bucket: Bucket;
  readonly #texts = new Map<string, StoredText>();

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Opens the bucket that `up` created. @throws LOG_UNAVAILABLE */
  static async open(bus: Bus): Promise<SchemaStore> {
    return new SchemaStore(await openBucket(bus, buckets.schemas));
  }

  async index(): Promise<RegistryIndex> {
    return (await this.#read()).index;
  }

  /**
   * Changes the index as `change` says, which may be asked again when somebody else was faster. The same index: nothing
   * is written. @throws what `change` throws, LOG_UNAVAILABLE
   */
  async change<Answer>(
    change: (index: RegistryIndex) => Promise<{ index: RegistryIndex; answer: Answer }>,
  ): Promise<Answer> {
    for (let attempt = 1; attempt <= changeAttemptsMax; attempt++) {
      const { index, revision } = await this.#read();
      const next = await change(index);
      if (next.index === index) return next.answer;
      const json = JSON.stringify(next.index);
      if (Buffer.byteLength(json) > valueMaxBytes)
        throw new RegistryFailure('OPERATION_NOT_PERMITTED', 'The registry is full: delete schemas for good first.');
      try {
        const stored =
          revision === null
            ? await this.#bucket.create(indexKey, json)
            : await this.#bucket.update(indexKey, json, revision);
        if (stored !== null) return next.answer;
      } catch (error) {
        // Whether it was written shows when it is read again; what is asked for is the same then.
        if (!isUnclear(error)) throw error;
      }
    }
    throw new MillraceError('LOG_UNAVAILABLE', 'The schema registry changes too fast: it could not be written.');
  }

  /** Stores a text. @returns its hash. */
  async put(schema: SchemaText): Promise<string> {
    const hash = hashOf(schema);
    if (this.#texts.has(hash)) return hash;
    const { type, text, references } = schema;
    await this.#bucket.put(textKey(hash), JSON.stringify({ type, text, references }));
    return hash;
  }

  /** @throws LOG_UNAVAILABLE when it is not there */
  async text(hash: string): Promise<StoredText> {
    const known = this.#texts.get(hash);
    if (known !== undefined) return known;
    const entry = await this.#bucket.get(textKey(hash));
    if (entry === null)
      throw new MillraceError('LOG_UNAVAILABLE', `Schema text ${hash} is not in KV ${buckets.schemas}.`);
    const schema = JSON.parse(Buffer.from(entry.value).toString()) as StoredText;
    if (this.#texts.size >= rememberedMax) this.#texts.clear();
    this.#texts.set(hash, schema);
    return schema;
  }

  /** Gives the index as it is and after each change, until the signal. */
  async *changes(signal: AbortSignal): AsyncGenerator<{ readonly revision: number }> {
    for await (const { revision } of this.#bucket.watch(signal, indexKey)) yield { revision };
  }

  async #read(): Promise<{ index: RegistryIndex; revision: number | null }> {
    const entry = await this.#bucket.get(indexKey);
    if (entry === null) return { index: emptyIndex, revision: null };
    return { index: JSON.parse(Buffer.from(entry.value).toString()) as RegistryIndex, revision: entry.revision };
  }
}

export type StoredText = SchemaText & { readonly references: readonly SchemaReference[] };

/** SHA-256, hex, of what makes two schemas the same one: type, text and references. */
export function hashOf({ type, text, references }: SchemaText): string {
  const named = references.map(({ name, subject, version }) => [name, subject, version]);
  return createHash('sha256')
    .update(JSON.stringify([type, text, named]))
    .digest('hex');
}

const textKey = (hash: string) => `text.${hash}`;
