import { Packr } from 'msgpackr';
import { MillraceError } from '../../infra/errors.ts';
import type { CommandEntry } from '../commands/command-book.ts';
import type { StoredPacket } from '../stored-packet.ts';

/** What the broker holds that is not only in the log, at one position of the log. */
export interface BrokerSnapshot {
  /** Sequence of the last message of LOG of which everything is in here. Later ones may be in here, too. */
  readonly position: number;
  readonly retained: readonly StoredPacket[];
  readonly queues: readonly SessionQueue[];
  /** Clients of sessions that were connected: what is queued for them they may have had already. */
  readonly connected: readonly string[];
  readonly commands: readonly CommandEntry[];
}

export interface SessionQueue {
  readonly id: string;
  readonly packets: readonly StoredPacket[];
}

type PacketRow = readonly [cmd: 0 | 1, topic: string, payload: Uint8Array, qos: 0 | 1 | 2, messageId: number];

const format = 1;
const packr = new Packr({ useRecords: true, moreTypes: true, int64AsType: 'number' });

export function encodeSnapshot({ retained, queues, ...rest }: BrokerSnapshot): Uint8Array {
  return packr.pack({
    format,
    ...rest,
    retained: retained.map(toRow),
    queues: queues.map(({ id, packets }) => [id, packets.map(toRow)]),
  });
}

/** @throws CHECKPOINT_UNREADABLE */
export function decodeSnapshot(bytes: Uint8Array): BrokerSnapshot {
  let value: BrokerSnapshot & { readonly format?: unknown };
  try {
    value = packr.unpack(bytes) as typeof value;
  } catch (cause) {
    throw new MillraceError('CHECKPOINT_UNREADABLE', "The snapshot of ingest's broker is damaged.", { cause });
  }
  if (value?.format !== format)
    throw new MillraceError(
      'CHECKPOINT_UNREADABLE',
      `The snapshot of ingest's broker has format ${String(value?.format)}; this version reads ${format}.`,
    );
  const { position, connected, commands } = value;
  const retained = (value.retained as unknown as PacketRow[]).map((row) => fromRow(row, true));
  const queues = (value.queues as unknown as [string, PacketRow[]][]).map(([id, rows]) => ({
    id,
    packets: rows.map((row) => fromRow(row, false)),
  }));
  return { position, connected, commands, retained, queues };
}

function toRow({ cmd, topic, payload, qos, messageId = 0 }: StoredPacket): PacketRow {
  return [cmd === 'publish' ? 0 : 1, topic, payload, qos, messageId];
}

/** A publish gets a new packet identifier when it is sent again; a PUBREL belongs to the one that the client knows. */
function fromRow([cmd, topic, payload, qos, messageId]: PacketRow, retain: boolean): StoredPacket {
  const common = { topic, payload: Buffer.from(payload), qos, retain, dup: false };
  return cmd === 0 ? { cmd: 'publish', ...common } : { cmd: 'pubrel', ...common, messageId };
}
