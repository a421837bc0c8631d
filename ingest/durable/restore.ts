import { decodeRecords } from '../../events/record-codec.ts';
import type { LogRecord, PublishRecord } from '../../events/record.ts';
import { streams } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import type { Log } from '../../infra/log.ts';
import type { BoundedPersistence } from '../bounded-persistence.ts';
import type { CommandBook } from '../commands/command-book.ts';
import type { StoredPacket } from '../stored-packet.ts';
import type { SessionRecord } from './session-records.ts';
import type { BrokerSnapshot } from './snapshot-codec.ts';

/** Without a snapshot (the first start, or it was lost) so many messages of the log are read, a few seconds of work. */
const tailMessagesMax = 20_000;

export interface RestoreOptions {
  readonly bus: Bus;
  readonly log: Log;
  readonly persistence: BoundedPersistence;
  readonly commands: CommandBook;
  readonly sessions: readonly SessionRecord[];
  readonly snapshot: BrokerSnapshot | null;
}

/**
 * Brings the broker's memory to where the log ends: subscriptions as they were kept, what the last snapshot holds, and
 * on it the publishes that came after. Nothing is served before. @returns the position reached.
 */
export async function restoreBroker(options: RestoreOptions): Promise<number> {
  const { bus, log, persistence, commands, sessions, snapshot } = options;
  const beganMs = performance.now();
  for (const { id, subscriptions } of sessions) persistence.sessions.restore(id, subscriptions, performance.now());
  const end = await streamInfo(bus, streams.log);
  // A log that ends before the position is another log.
  const held = snapshot !== null && snapshot.position <= end.lastSequence ? snapshot : null;
  const tail = new Tail(persistence, commands, held?.connected ?? []);
  for (const packet of held?.retained ?? []) persistence.retained.store(packet);
  for (const { id, packets } of held?.queues ?? []) for (const packet of packets) tail.queue(id, packet, 2);
  commands.restore(held?.commands ?? []);

  const from = held === null ? Math.max(end.lastSequence - tailMessagesMax, 0) + 1 : held.position + 1;
  let records = 0;
  const onGap = (first: number, last: number) =>
    held !== null && log.warn({ first, last }, 'the log was trimmed past the snapshot: what it held is not retained');
  const signal = new AbortController().signal;
  const range = { stream: streams.log, subject: 'log.*', from, until: end.lastSequence + 1, signal, onGap };
  if (from <= end.lastSequence)
    for await (const { data, sequence } of readRange(bus, range))
      for (const record of decodeRecords(data)) {
        records++;
        tail.apply(record, sequence);
      }
  log.info(
    {
      ms: Math.round(performance.now() - beganMs),
      retained: persistence.retained.size,
      sessions: persistence.sessions.size,
      fromLog: records,
    },
    'what the broker held is back',
  );
  return end.lastSequence;
}

/** Reads what the log says into retained messages, queues and commands, as it was done when it came. */
class Tail {
  readonly #persistence: BoundedPersistence;
  readonly #commands: CommandBook;
  /** Clients that were here at some time since the snapshot. */
  readonly #present: Set<string>;
  #counter = 0;

  constructor(persistence: BoundedPersistence, commands: CommandBook, present: readonly string[]) {
    this.#persistence = persistence;
    this.#commands = commands;
    this.#present = new Set(present);
  }

  apply(record: LogRecord, sequence: number): void {
    if (record.kind === 'connect') this.#present.add(record.client);
    else if (record.kind === 'command') this.#commands.apply(record);
    else if (record.kind === 'publish' && record.redriven === undefined) this.#publish(record, sequence);
  }

  #publish(record: PublishRecord, sequence: number): void {
    const { sessions, retained } = this.#persistence;
    const { topic, payload, qos, retain } = record;
    const packet: StoredPacket = { cmd: 'publish', topic, payload, qos, retain: false, dup: false };
    // A copy: the payload is a view into the whole batch.
    if (retain) retained.store({ ...packet, retain, payload: Buffer.from(payload) });
    if (qos > 0)
      for (const { clientId, qos: granted } of sessions.wanting(topic, sequence)) this.queue(clientId, packet, granted);
  }

  /** At its bound a session keeps what it has, unless its client was here: then it has had the oldest, most likely. */
  queue(id: string, packet: StoredPacket, qos: 0 | 1 | 2): void {
    const { sessions } = this.#persistence;
    const named = packet.cmd === 'publish' ? { ...packet, brokerId: 'log', brokerCounter: ++this.#counter } : packet;
    if (sessions.enqueue(id, named, qos) || !this.#present.has(id)) return;
    sessions.dropOldest(id);
    sessions.enqueue(id, named, qos);
  }
}
