import { MillraceError } from '../errors.ts';
import type { Bus } from './connection.ts';
import { PullConsumer } from './pull-consumer.ts';
import { digestOf, metaSubject } from './put-object.ts';
import { lastMessage } from './stream-message.ts';

/** What an object store says of an object; the parts that reading it needs. */
interface ObjectInfo {
  readonly nuid: string;
  readonly size: number;
  readonly chunks: number;
  readonly digest: string;
  readonly deleted?: boolean;
}

/** A chunk that does not come within this time does not come. */
const chunkTimeoutMs = 10_000;

/**
 * Reads an object of a NATS object store; null when there is none. The client hashes in JavaScript and waits for each
 * chunk: of a state of 200 MB that took 15 s, here it is 1 s.
 * @throws when a chunk is missing or the digest is another.
 */
export async function getObject(bus: Bus, store: string, name: string): Promise<Uint8Array | null> {
  const stream = `OBJ_${store}`;
  const meta = await lastMessage(bus, stream, metaSubject(store, name));
  if (meta === null) return null;
  const info = JSON.parse(Buffer.from(meta.data).toString()) as ObjectInfo;
  if (info.deleted === true) return null;
  const bytes = new Uint8Array(info.size);
  if (info.chunks > 0) await readChunks(bus, stream, `$O.${store}.C.${info.nuid}`, info, bytes);
  if (info.digest !== digestOf(bytes))
    throw new MillraceError('CHECKPOINT_UNREADABLE', `Object ${name} of ${store} is damaged: its digest is another.`);
  return bytes;
}

async function readChunks(
  bus: Bus,
  stream: string,
  subject: string,
  { chunks, size }: ObjectInfo,
  bytes: Uint8Array,
): Promise<void> {
  const consumer = await PullConsumer.open(bus, stream, subject, 1);
  if (!(consumer instanceof PullConsumer)) throw consumer.error;
  try {
    let at = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const message = await consumer.next(AbortSignal.timeout(chunkTimeoutMs));
      if (message === null || at + message.data.length > size)
        throw new MillraceError('LOG_UNAVAILABLE', `Chunk ${chunk + 1} of ${chunks} of ${subject} did not come.`);
      bytes.set(message.data, at);
      at += message.data.length;
    }
  } finally {
    consumer.close();
  }
}
