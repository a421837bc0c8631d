import type { PublishRecord } from '../../events/record.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { Generations } from './generations.ts';
import { finish, hashBytes, mixInteger } from './hash.ts';
import { RecentHashes, recentHashesMax } from './recent-hashes.ts';

/** Clients remembered in each of two generations: as many as `connectionsMax` lets in by default. */
const clientsMax = 20_000;

/**
 * A bridge stands for all clients of its broker, and how many of its acknowledgements the broker had not read when the
 * connection broke is the broker's matter: Mosquitto 2.0.11 sent again 946 messages, more than it was asked to have under way.
 */
const bridgeMax = 4_096;

function rememberedOf(client: string): number {
  return client.startsWith('bridge/') ? bridgeMax : recentHashesMax;
}

/**
 * Recognises an MQTT packet that was sent again (QoS 1 and 2): marked `dup`, and equal in client, topic, packet id
 * and payload to one of the client's last 256 in the partition. Ingest lets no client have more than that in flight.
 * At least the last `clientsMax` clients heard from are remembered.
 */
export class Retransmissions {
  readonly #room = new ColumnRoom();
  readonly #clients = new Generations<RecentHashes>(clientsMax);

  constructor(saved?: Columns) {
    if (saved !== undefined) this.#restore(saved);
  }

  /** Whether the packet came before; if not, it is remembered. */
  isRetransmission({ client, packetId, payload, qos, dup }: PublishRecord, topicHash: number): boolean {
    if (qos === 0) return false;
    let recent = this.#clients.get(client);
    if (recent === undefined) {
      recent = new RecentHashes(rememberedOf(client));
      this.#clients.set(client, recent);
    }
    const a = finish(mixInteger(mixInteger(hashBytes(payload, 0), topicHash), packetId));
    const b = finish(mixInteger(mixInteger(hashBytes(payload, 1), topicHash), packetId));
    if (dup && recent.has(a, b)) return true;
    recent.add(a, b);
    return false;
  }

  /** @param names those of the other parts of the same snapshot */
  snapshot(names?: NameTable): Columns {
    const { young, old } = this.#clients.entries();
    const columns = new ColumnWriter(names, this.#room);
    columns.list(young, ([client, recent]) => {
      columns.text(client);
      recent.write(columns);
    });
    const recents = new Map(young);
    columns.list(old, ([client, recent]) => {
      columns.text(client);
      const isYoung = recents.get(client) === recent;
      columns.flag(isYoung);
      if (!isYoung) recent.write(columns);
    });
    return columns.columns();
  }

  #restore(saved: Columns): void {
    const columns = new ColumnReader(saved);
    const young = columns.list((): [string, RecentHashes] => {
      const client = columns.text();
      return [client, RecentHashes.read(columns, rememberedOf(client))];
    });
    const recents = new Map(young);
    // A client in both generations has one memory, not two.
    const old = columns.list((): [string, RecentHashes] => {
      const client = columns.text();
      return [client, columns.flag() ? recents.get(client)! : RecentHashes.read(columns, rememberedOf(client))];
    });
    this.#clients.restore({ young, old });
  }
}
