import type { Identity } from './identity.ts';

/** At so many owners those of ids that nobody has any more are looked for. */
const sweepAbove = 50_000;

interface Owner {
  readonly name: string;
  /** Connections with the id, also those that are about to be taken in or have just been taken over. */
  connections: number;
}

/**
 * Whose a client id is: a credential's, if it is the name of one; else of the identity that is connected with it or has
 * its session here. So nobody takes another's place, disconnects him or gets what waits for him. Anonymous clients own
 * nothing.
 */
export class ClientIds {
  readonly #hasSession: (id: string) => boolean;
  readonly #isName: (id: string) => boolean;
  readonly #owners = new Map<string, Owner>();
  #sweepAt = sweepAbove;

  constructor(hasSession: (id: string) => boolean, isName: (id: string) => boolean) {
    this.#hasSession = hasSession;
    this.#isName = isName;
  }

  /** May the identity connect with it? */
  isFree(id: string, identity: Identity): boolean {
    if (identity.kind === 'anonymous' || id === '') return true;
    if (this.#isName(id)) return id === identity.name;
    const owner = this.#owners.get(id);
    return owner === undefined || owner.name === identity.name || (owner.connections === 0 && !this.#hasSession(id));
  }

  /** The identity connects with it. Each call is followed by one of `left`. */
  take(id: string, { kind, name }: Identity): void {
    if (kind === 'anonymous' || id === '') return;
    const owner = this.#owners.get(id);
    if (owner?.name === name) owner.connections++;
    else this.#owners.set(id, { name, connections: 1 });
    if (this.#owners.size > this.#sweepAt) this.#sweep();
  }

  /** Its connection ended. */
  left(id: string, { name }: Identity): void {
    const owner = this.#owners.get(id);
    if (owner?.name !== name) return;
    owner.connections--;
    if (owner.connections <= 0 && !this.#hasSession(id)) this.#owners.delete(id);
  }

  /** Sessions end without a word, at the bound of the store. */
  #sweep(): void {
    for (const [id, { connections }] of this.#owners)
      if (connections === 0 && !this.#hasSession(id)) this.#owners.delete(id);
    this.#sweepAt = Math.max(sweepAbove, 2 * this.#owners.size);
  }
}
