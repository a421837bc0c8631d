import { randomUUID } from 'node:crypto';
import { buckets, checkpointObjects } from '../../events/subjects.ts';
import { MillraceError } from '../errors.ts';
import { openCheckpointObjects, type CheckpointObjects } from './checkpoint-objects.ts';
import type { Bus } from './connection.ts';
import { isUnclear, openBucket, valueMaxBytes, type Bucket, type Entry } from './kv.ts';
import { swapVerdict } from './swap-verdict.ts';

export interface Checkpoints {
  /** The bytes last saved under this name, null if there are none. @throws CHECKPOINT_UNREADABLE */
  load(name: string): Promise<Uint8Array | null>;
  /**
   * Replaces what this instance loaded or saved last under the name.
   * @throws FENCED when somebody else has saved in between.
   */
  save(name: string, bytes: Uint8Array): Promise<void>;
  /** The names that have a checkpoint. */
  names(): Promise<string[]>;
  /** Saves under a name that is used once and never replaced; what is there already stays. */
  keep(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes the checkpoint and its object. */
  remove(name: string): Promise<void>;
  /** Removes objects older than `olderThanMs` that no checkpoint points to, also half written ones. @returns how many. */
  sweep(olderThanMs?: number): Promise<number>;
}

/** An object younger than this may be one whose pointer is about to be swapped. */
const orphanAgeMs = 10 * 60_000;

/**
 * Named checkpoints in KV. A value is either `0x00` and the bytes, or, when they exceed a message, `0x01` and the name
 * of an object that holds them: written first, under a new name, then pointed to by compare-and-set.
 */
export async function createCheckpoints(
  bus: Bus,
  places = { bucket: buckets.checkpoints as string, objects: checkpointObjects as string },
): Promise<Checkpoints> {
  return new KvCheckpoints(await openBucket(bus, places.bucket), await openCheckpointObjects(bus, places.objects));
}

interface Held {
  readonly revision: number;
  readonly object: string | null;
}

class KvCheckpoints implements Checkpoints {
  readonly #bucket: Bucket;
  readonly #objects: CheckpointObjects;
  /** As many as there are names that are saved: partitions and webhooks. */
  readonly #held = new Map<string, Held>();

  constructor(bucket: Bucket, objects: CheckpointObjects) {
    this.#bucket = bucket;
    this.#objects = objects;
  }

  async load(name: string): Promise<Uint8Array | null> {
    for (;;) {
      const entry = await this.#bucket.get(name);
      const object = entry === null ? null : objectOf(entry.value);
      const bytes = object === null ? entry && inlineOf(name, entry.value) : await this.#objects.get(object);
      if (object !== null && bytes === null) {
        // Removed between the two reads because a newer one took its place; or it is lost.
        if ((await this.#bucket.get(name))?.revision !== entry!.revision) continue;
        throw new MillraceError('CHECKPOINT_UNREADABLE', `Checkpoint ${name} points to ${object}, which is gone.`);
      }
      this.#held.set(name, { revision: entry?.revision ?? 0, object });
      return bytes;
    }
  }

  async names(): Promise<string[]> {
    return this.#bucket.keys();
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    if ((await this.#bucket.get(name)) !== null) return;
    const object = await this.#putObject(name, bytes);
    await this.#swap(name, valueOf(object, bytes), 0);
  }

  async remove(name: string): Promise<void> {
    const entry = await this.#bucket.get(name);
    if (entry === null) return;
    this.#held.delete(name);
    // The pointer first: an object without one is an orphan, which the sweep finds.
    await this.#bucket.delete(name);
    const object = objectOf(entry.value);
    if (object !== null) await this.#objects.remove(object);
  }

  async #putObject(name: string, bytes: Uint8Array): Promise<string | null> {
    if (bytes.length < valueMaxBytes) return null;
    const object = `${name}.${randomUUID()}`;
    await this.#objects.put(object, bytes);
    return object;
  }

  async save(name: string, bytes: Uint8Array): Promise<void> {
    const held = this.#held.get(name) ?? (await this.#look(name));
    const object = await this.#putObject(name, bytes);
    const revision = await this.#swap(name, valueOf(object, bytes), held.revision);
    this.#held.set(name, { revision, object });
    if (held.object !== null) await this.#objects.remove(held.object);
  }

  async #look(name: string): Promise<Held> {
    const entry = await this.#bucket.get(name);
    return { revision: entry?.revision ?? 0, object: entry === null ? null : objectOf(entry.value) };
  }

  async #swap(name: string, value: Uint8Array, expected: number): Promise<number> {
    for (;;) {
      try {
        const revision =
          expected === 0 ? await this.#bucket.create(name, value) : await this.#bucket.update(name, value, expected);
        if (revision !== null) return revision;
      } catch (error) {
        if (!isUnclear(error)) throw error;
      }
      // Refused or unclear: an earlier try of ours may be what is there.
      const present: Entry | null = await this.#bucket.get(name);
      const verdict = swapVerdict(present, value, expected);
      if (verdict === 'stored') return present!.revision;
      if (verdict === 'fenced') throw new MillraceError('FENCED', `Checkpoint ${name} was saved by another process.`);
    }
  }

  async sweep(olderThanMs = orphanAgeMs): Promise<number> {
    const objects = await this.#objects.list();
    const pointed = new Set<string>();
    for (const key of await this.#bucket.keys()) {
      const entry = await this.#bucket.get(key);
      const object = entry === null ? null : objectOf(entry.value);
      if (object !== null) pointed.add(object);
    }
    const bornBeforeMs = Date.now() - olderThanMs;
    let removed = 0;
    for (const { name, modifiedAtMs } of objects) {
      if (pointed.has(name) || modifiedAtMs > bornBeforeMs) continue;
      await this.#objects.remove(name);
      removed++;
    }
    return removed + (await this.#objects.removeUnfinished(bornBeforeMs));
  }
}

function tagged(tag: 0 | 1, bytes: Uint8Array): Uint8Array {
  const value = new Uint8Array(bytes.length + 1);
  value[0] = tag;
  value.set(bytes, 1);
  return value;
}

function valueOf(object: string | null, bytes: Uint8Array): Uint8Array {
  return object === null ? tagged(0, bytes) : tagged(1, Buffer.from(object));
}

function objectOf(value: Uint8Array): string | null {
  return value[0] === 1 ? Buffer.from(value.subarray(1)).toString() : null;
}

function inlineOf(name: string, value: Uint8Array): Uint8Array {
  if (value[0] !== 0) throw new MillraceError('CHECKPOINT_UNREADABLE', `Checkpoint ${name} has an unknown form.`);
  return value.subarray(1);
}
