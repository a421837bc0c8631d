import { buckets } from '../../events/subjects.ts';
import type { Bus } from '../bus/connection.ts';
import { isUnclear, openBucket, type Bucket } from '../bus/kv.ts';
import { MillraceError } from '../errors.ts';
import type { Announcement } from './sightings.ts';

/**
 * KV `leases`: `member.<instance>` is renewed by each process, `table` says who holds what. The table changes only by
 * compare-and-set; a member's key is written by that member only. Processors share `table`; others have a table and
 * members of their own, with a prefix such as `ingest.`.
 */
export interface Table {
  /** By name, the id of who holds it. */
  readonly holders: ReadonlyMap<string, string>;
  readonly revision: number;
}

interface MemberValue {
  readonly start: string;
  readonly leaving: boolean;
}

/** A member's id: its instance and its start, so that a process never mistakes its predecessor's leases for its own. */
export const memberId = (instance: string, start: string) => `${instance}/${start}`;

export class LeaseStore {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #memberPrefix: string;
  readonly #tableKey: string;
  readonly #instance: string;
  readonly #start: string;
  #revision: number | null = null;

  /** @param prefix of the keys: '' those of processors */
  static async open(bus: Bus, instance: string, start: string, prefix = ''): Promise<LeaseStore> {
    return new LeaseStore(await openBucket(bus, buckets.leases), instance, start, prefix);
  }

  private constructor(bucket: Bucket, instance: string, start: string, prefix: string) {
    this.#bucket = bucket;
    this.#instance = instance;
    this.#memberPrefix = `${prefix}member.`;
    this.#tableKey = `${prefix}table`;
    this.#key = this.#memberPrefix + instance;
    this.#start = start;
  }

  /**
   * Renews this process's key; the first time it replaces that of a process that had the instance's name before it.
   * @throws FENCED when another process has taken the name since, LOG_UNAVAILABLE when it is unclear.
   */
  async announce(leaving: boolean): Promise<void> {
    const value = JSON.stringify({ start: this.#start, leaving } satisfies MemberValue);
    if (this.#revision !== null) {
      const revision = await this.#bucket.update(this.#key, value, this.#revision);
      if (revision !== null) return void (this.#revision = revision);
    }
    // The first time, or an unclear answer before, or it was thought dead and cleared away.
    const present = await this.#bucket.get(this.#key);
    const isOwn = present !== null && (parse(present.value) as MemberValue).start === this.#start;
    if (this.#revision !== null && present !== null && !isOwn)
      throw new MillraceError(
        'FENCED',
        `Another process calls itself ${this.#instance} too: MILLRACE_INSTANCE names one.`,
      );
    const revision =
      present === null
        ? await this.#bucket.create(this.#key, value)
        : await this.#bucket.update(this.#key, value, present.revision);
    if (revision === null) throw new MillraceError('LOG_UNAVAILABLE', `${this.#key} changed while it was renewed.`);
    this.#revision = revision;
  }

  async members(): Promise<Announcement[]> {
    const entries = await this.#bucket.entries(this.#memberPrefix);
    return entries.map(({ key, value, revision }) => {
      const { start, leaving } = parse(value) as MemberValue;
      return { id: memberId(key.slice(this.#memberPrefix.length), start), revision, isLeaving: leaving };
    });
  }

  async table(): Promise<Table> {
    const entry = await this.#bucket.get(this.#tableKey);
    if (entry === null) return { holders: new Map(), revision: 0 };
    return { holders: new Map(Object.entries(parse(entry.value) as Record<string, string>)), revision: entry.revision };
  }

  /** @returns the new revision, null when the table has changed or that is unclear: look again. */
  async setTable(holders: ReadonlyMap<string, string>, revision: number): Promise<number | null> {
    const value = JSON.stringify(Object.fromEntries(holders));
    try {
      if (revision === 0) return await this.#bucket.create(this.#tableKey, value);
      return await this.#bucket.update(this.#tableKey, value, revision);
    } catch (error) {
      if (isUnclear(error)) return null;
      throw error;
    }
  }

  /** Takes away the key of a member: this process's own at its end, or that of one long silent. */
  async forget(id: string): Promise<void> {
    await this.#bucket.purge(this.#memberPrefix + id.slice(0, id.lastIndexOf('/')));
  }
}

function parse(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value).toString());
}
