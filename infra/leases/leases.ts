import { setTimeout as wait } from 'node:timers/promises';
import type { Bus } from '../bus/connection.ts';
import { MillraceError } from '../errors.ts';
import type { Log } from '../log.ts';
import { decide, type Decision } from './decision.ts';
import { HeldLease, type Lease } from './lease.ts';
import { LeaseStore, memberId, type Table } from './lease-store.ts';
import { Sightings } from './sightings.ts';

/** Each process renews its key and looks at the others' so often. */
const roundEveryMs = 500;
/** Who has not renewed for so long, as another sees it, is dead: what it held is taken. */
export const leaseTtlMs = 4_000;
/** Without a renewal for so long a holder does nothing more. Shorter than the term, as it counts from its own sending. */
export const leaseValidMs = 3_000;
/** Two looks further apart than this were interrupted: what was seen before says nothing. */
const lookGapMaxMs = 2_000;
/** The key of one that has been silent for so long is cleared away. */
const forgetMs = 60_000;
/** How long a stop waits for what runs, and for the table. */
const stopWithinMs = 12_000;

export interface LeasesOptions {
  readonly bus: Bus;
  /** Unique among the processes that live; the same over the restarts of one. */
  readonly instance: string;
  /** Tells the starts of one instance apart. */
  readonly start: string;
  /** Of the keys in KV `leases`; absent: those of processors. */
  readonly prefix?: string;
  /** What there is to hold; each group is spread by itself, and begun in this order. */
  readonly groups: readonly (readonly string[])[];
  /** What is done under a lease, until its signal. Begun anew when it ends before. */
  readonly run: (lease: Lease) => Promise<void>;
  readonly log: Log;
}

export interface Leases {
  /** This start of this process, as the table names it. */
  readonly id: string;
  /** What this process holds, in the order of the groups. */
  held(): readonly string[];
  /** Whether this process has seen a member lately. */
  isAlive(id: string): boolean;
  /** Brings everything to an end and gives it up, one by one. */
  stop(): Promise<void>;
  /** Rejects when another process has taken this one's name. */
  readonly failed: Promise<never>;
}

/** Takes part in sharing out what there is to hold. Resolves after the first round. */
export async function startLeases(options: LeasesOptions): Promise<Leases> {
  const { bus, instance, start, prefix } = options;
  const leases = new SharedLeases(options, await LeaseStore.open(bus, instance, start, prefix));
  await leases.begin();
  return leases;
}

class SharedLeases implements Leases {
  readonly id: string;
  readonly failed: Promise<never>;
  readonly #options: LeasesOptions;
  readonly #store: LeaseStore;
  readonly #sightings = new Sightings(leaseTtlMs, lookGapMaxMs);
  readonly #running = new Map<string, HeldLease>();
  /** Ended, and still this process's by the table. */
  readonly #ended = new Set<string>();
  #fail: (error: Error) => void = () => {};
  #isLeaving = false;
  /** The last round failed: said once. */
  #isCutOff = false;
  #wake = new AbortController();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: LeasesOptions, store: LeaseStore) {
    this.#options = options;
    this.#store = store;
    this.id = memberId(options.instance, options.start);
    this.failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
  }

  held(): readonly string[] {
    return this.#options.groups.flat().filter((name) => this.#running.has(name));
  }

  isAlive(id: string): boolean {
    return id === this.id || this.#sightings.living().some((member) => member.id === id);
  }

  async begin(): Promise<void> {
    await this.#tryRound();
    void this.#rounds();
  }

  async stop(): Promise<void> {
    this.#isLeaving = true;
    for (const lease of this.#running.values()) lease.finish();
    this.#wake.abort();
    const timeUp = wait(stopWithinMs, undefined, { ref: false });
    await Promise.race([this.#stopped.promise, timeUp]);
    for (const lease of this.#running.values()) lease.lose('the process ends');
  }

  async #rounds(): Promise<void> {
    for (;;) {
      if (this.#isLeaving && this.#running.size === 0 && this.#ended.size === 0) break;
      await wait(roundEveryMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
      this.#wake = new AbortController();
      if ((await this.#tryRound()) === 'ended') return this.#stopped.resolve();
    }
    await this.#store.forget(this.id).catch(() => undefined);
    this.#stopped.resolve();
  }

  async #tryRound(): Promise<'ended' | 'done'> {
    try {
      await this.#round();
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'FENCED') {
        for (const lease of this.#running.values()) lease.lose('another process has its name');
        this.#fail(error);
        return 'ended';
      }
      if (this.#options.bus.connection.isClosed()) return 'ended';
      if (!this.#isCutOff) this.#options.log.warn({ err: error }, 'leases could not be renewed; trying again');
      this.#isCutOff = true;
      return 'done';
    }
    this.#isCutOff = false;
    return 'done';
  }

  /** Renew, look, decide, do. Whatever fails is looked at anew in the next round. */
  async #round(): Promise<void> {
    const sentMs = performance.now();
    await this.#store.announce(this.#isLeaving);
    const [table, members] = await Promise.all([
      this.#store.table(),
      this.#sightings.lookAt(
        () => this.#store.members(),
        () => performance.now(),
      ),
    ]);
    const living = this.#sightings.living().filter(({ id }) => id !== this.id);
    const { groups } = this.#options;
    const me = { id: this.id, revision: 0, isLeaving: this.#isLeaving };
    const running = new Set([...this.#running.keys(), ...this.#ended]);
    const decision = decide({ me: this.id, groups, living: [...living, me], holders: table.holders, running });

    for (const name of decision.lost) this.#lose(name);
    for (const name of decision.release) this.#running.get(name)?.finish();
    if (await this.#settle(table, decision)) {
      for (const lease of this.#running.values()) lease.confirm(sentMs);
      for (const name of decision.claim) this.#begin(name, sentMs);
    } else this.#wake.abort();
    for (const { id } of members) if (this.#sightings.silentMs(id) > forgetMs) await this.#store.forget(id);
  }

  #lose(name: string): void {
    this.#ended.delete(name);
    const lease = this.#running.get(name);
    if (lease === undefined || lease.isLost) return;
    this.#options.log.warn({ lease: name }, 'the lease is lost: another process has it');
    lease.lose('another process has it');
  }

  /**
   * Brings the table in line: claims in, what has ended out. Whoever had stopped for a while writes it in any case:
   * that fails if another, who took this one for dead, was faster, and makes it fail for the other if not.
   * @returns false when the table has changed meanwhile
   */
  async #settle(table: Table, { claim, release }: Decision): Promise<boolean> {
    const free = release.filter((name) => !this.#running.has(name));
    const freed = [...this.#ended].filter((name) => table.holders.get(name) === this.id);
    const lapsed = [...this.#running.values()].some((lease) => !lease.isValid);
    if (claim.length + free.length + freed.length === 0 && !lapsed) return true;
    const holders = new Map(table.holders);
    for (const name of [...free, ...freed]) holders.delete(name);
    for (const name of claim) holders.set(name, this.id);
    if ((await this.#store.setTable(holders, table.revision)) === null) return false;
    for (const name of [...free, ...freed]) this.#ended.delete(name);
    return true;
  }

  #begin(name: string, confirmedMs: number): void {
    const { run, log } = this.#options;
    const lease = new HeldLease(name, () => performance.now(), leaseValidMs, confirmedMs);
    this.#running.set(name, lease);
    log.info({ lease: name }, 'the lease is held');
    const over = () => {
      this.#running.delete(name);
      // A lost one is another's: there is nothing to give back.
      if (!lease.isLost) this.#ended.add(name);
      lease.lose('it was given up');
      this.#wake.abort();
    };
    run(lease).then(over, (error: unknown) => {
      log.error({ err: error, lease: name }, 'what runs under a lease failed');
      over();
    });
  }
}
