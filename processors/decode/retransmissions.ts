import type { PublishRecord } from '../../events/record.ts';
import { Generations } from './generations.ts';
import { finish, hashBytes, mixInteger } from './hash.ts';
import { RecentHashes } from './recent-hashes.ts';

export interface RetransmissionsSnapshot {
  readonly young: readonly (readonly [string, Uint8Array])[];
  readonly old: readonly (readonly [string, Uint8Array])[];
}

/** Clients remembered in each of two generations: as many as `connectionsMax` lets in by default. */
const clientsMax = 20_000;

/**
 * Recognises an MQTT packet that was sent again (QoS 1 and 2): marked `dup`, and equal in client, topic, packet id
 * and payload to one of the client's last 256 in the partition. Ingest lets no client have more than that in flight.
 * At least the last `clientsMax` clients heard from are remembered.
 */
export class Retransmissions {
  readonly #clients = new Generations<RecentHashes>(clientsMax);

  constructor(saved?: RetransmissionsSnapshot) {
    if (saved !== undefined) this.#restore(saved);
  }

  /** Whether the packet came before; if not, it is remembered. */
  isRetransmission({ client, packetId, payload, qos, dup }: PublishRecord, topicHash: number): boolean {
    if (qos === 0) return false;
    let recent = this.#clients.get(client);
    if (recent === undefined) {
      recent = new RecentHashes();
      this.#clients.set(client, recent);
    }
    const a = finish(mixInteger(mixInteger(hashBytes(payload, 0), topicHash), packetId));
    const b = finish(mixInteger(mixInteger(hashBytes(payload, 1), topicHash), packetId));
    if (dup && recent.has(a, b)) return true;
    recent.add(a, b);
    return false;
  }

  snapshot(): RetransmissionsSnapshot {
    const { young, old } = this.#clients.entries();
    const pack = (entries: [string, RecentHashes][]) =>
      entries.map(([client, recent]) => [client, recent.toBytes()] as const);
    return { young: pack(young), old: pack(old) };
  }

  #restore({ young, old }: RetransmissionsSnapshot): void {
    const recents = new Map(young.map(([client, bytes]) => [client, RecentHashes.fromBytes(bytes)]));
    // A client in both generations has one memory, not two.
    this.#clients.restore({
      young: recents,
      old: old.map(([client, bytes]) => [client, recents.get(client) ?? RecentHashes.fromBytes(bytes)]),
    });
  }
}
