import { unpack, pack } from 'msgpackr';
import { buckets } from '../../events/subjects.ts';
import { allMessages } from '../../infra/bus/all-messages.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { openBucket, type Bucket } from '../../infra/bus/kv.ts';
import type { KeptSubscription } from '../session-store.ts';

/** A session's subscriptions as they are kept. */
export interface SessionRecord {
  readonly id: string;
  readonly subscriptions: readonly KeptSubscription[];
}

/**
 * The subscriptions of persistent sessions in KV `sessions`, one key a session: they are not in the log. A SUBACK waits
 * for the write. Writes of one session follow each other, and those that wait become one.
 */
export class SessionRecords {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #read: (id: string) => readonly KeptSubscription[];
  /** Sessions that have a key. */
  readonly #kept = new Set<string>();
  /** Whose last write was refused. */
  readonly #failed = new Set<string>();
  /** By session: the write in flight, and the one that waits for it. */
  readonly #writing = new Map<string, { readonly present: Promise<void>; next: Promise<void> | null }>();

  private constructor(bucket: Bucket, slot: string, read: (id: string) => readonly KeptSubscription[]) {
    this.#bucket = bucket;
    this.#prefix = `${slot}.`;
    this.#read = read;
  }

  /** @param slot names the process over its restarts @param read what a session subscribes to now */
  static async open(
    bus: Bus,
    slot: string,
    read: (id: string) => readonly KeptSubscription[],
  ): Promise<{ readonly records: SessionRecords; readonly found: readonly SessionRecord[] }> {
    const bucket = await openBucket(bus, buckets.sessions);
    const records = new SessionRecords(bucket, slot, read);
    const found: SessionRecord[] = [];
    for (const message of await allMessages(bus, `KV_${buckets.sessions}`, `$KV.${buckets.sessions}.${slot}.*`)) {
      if (message.data.length === 0) continue;
      const record = unpack(message.data) as SessionRecord;
      records.#kept.add(record.id);
      found.push(record);
    }
    return { records, found };
  }

  /** Resolves when what the session subscribes to now, or more recently, is kept. @throws LOG_UNAVAILABLE */
  async save(id: string, isChanged: boolean): Promise<void> {
    const held = this.#writing.get(id);
    if (!isChanged && !this.#failed.has(id)) return held?.next ?? held?.present;
    if (held !== undefined) return (held.next ??= held.present.then(() => this.#start(id)));
    return this.#start(id);
  }

  #start(id: string): Promise<void> {
    const present = this.#write(id).finally(() => {
      if (this.#writing.get(id)?.next === null) this.#writing.delete(id);
    });
    this.#writing.set(id, { present, next: null });
    return present;
  }

  async #write(id: string): Promise<void> {
    const key = this.#prefix + Buffer.from(id).toString('base64url');
    const subscriptions = this.#read(id);
    this.#failed.add(id);
    if (subscriptions.length > 0) {
      this.#kept.add(id);
      await this.#bucket.put(key, pack({ id, subscriptions }));
    } else if (this.#kept.delete(id)) await this.#bucket.purge(key);
    this.#failed.delete(id);
  }
}
