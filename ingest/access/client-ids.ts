import type { Identity } from './identity.ts';

/** What the broker knows of client ids. */
export interface KnownClients {
  /** Who is connected with the id; null: nobody. */
  connectedAs(id: string): Identity | null;
  hasSession(id: string): boolean;
}

/** At so many owners those of ids that nobody has any more are looked for. */
const sweepAbove = 50_000;

/**
 * Whose a client id is: a credential's, if it is the name of one; else of the identity that is connected with it or has
 * its session here. So nobody takes another's place, disconnects him or gets what waits for him. Anonymous clients own
 * nothing.
 */
export class ClientIds {
  readonly #clients: KnownClients;
  readonly #isName: (id: string) => boolean;
  /** Names of the identities that came with an id last. */
  readonly #owners = new Map<string, string>();
  #sweepAt = sweepAbove;

  constructor(clients: KnownClients, isName: (id: string) => boolean) {
    this.#clients = clients;
    this.#isName = isName;
  }

  /** May the identity connect with it? */
  isFree(id: string, identity: Identity): boolean {
    if (identity.kind === 'anonymous') return true;
    if (this.#isName(id)) return id === identity.name;
    const present = this.#clients.connectedAs(id);
    if (present !== null && present.kind !== 'anonymous') return present.name === identity.name;
    const owner = this.#owners.get(id);
    return owner === undefined || owner === identity.name || !this.#clients.hasSession(id);
  }

  /** The identity has connected with it. */
  take(id: string, identity: Identity): void {
    if (identity.kind === 'anonymous') return;
    this.#owners.set(id, identity.name);
    if (this.#owners.size > this.#sweepAt) this.#sweep();
  }

  /** Its connection ended. */
  left(id: string): void {
    if (!this.#clients.hasSession(id) && this.#clients.connectedAs(id) === null) this.#owners.delete(id);
  }

  /** Sessions end without a word, at the bound of the store. */
  #sweep(): void {
    for (const id of this.#owners.keys()) this.left(id);
    this.#sweepAt = Math.max(sweepAbove, 2 * this.#owners.size);
  }
}
