import { headers } from 'nats';
import { requestTimeoutMs, type Bus } from './connection.ts';
import { apiErrorOf, apiErrors, isTransient, unavailable } from './jetstream-errors.ts';
import { untilAnswered } from './retry.ts';
import { lastMessage, type StreamMessage } from './stream-message.ts';
import { readStream } from './stream-reader.ts';

export interface Entry {
  readonly value: Uint8Array;
  readonly revision: number;
}

export interface Change {
  readonly key: string;
  /** Null: deleted. */
  readonly value: Uint8Array | null;
  readonly revision: number;
}

/** A NATS key-value bucket, read from its leader. Keys: letters, digits and `-/_=.`; values up to `valueMaxBytes`. */
export interface Bucket {
  get(key: string): Promise<Entry | null>;
  /** Sets it whatever it was. @returns the revision. */
  put(key: string, value: Uint8Array | string): Promise<number>;
  /** Sets it if it does not exist. @returns the revision, null when it does. @throws LOG_UNAVAILABLE: unclear */
  create(key: string, value: Uint8Array | string): Promise<number | null>;
  /** Sets it if it is still at `revision`. @returns the new one, null when not. @throws LOG_UNAVAILABLE: unclear */
  update(key: string, value: Uint8Array | string, revision: number): Promise<number | null>;
  delete(key: string): Promise<void>;
  /** Removes it without a trace, which a deletion leaves. */
  purge(key: string): Promise<void>;
  keys(): Promise<string[]>;
  /** All that begins with the prefix (whole tokens, such as `member.`), each as it is. */
  entries(prefix: string): Promise<(Entry & { readonly key: string })[]>;
  /** Every key (or the one) as it is, then every change, until the signal is aborted. */
  watch(signal: AbortSignal, key?: string): AsyncIterable<Change>;
}

/** Below the server's 1 MiB message limit, headers included. */
export const valueMaxBytes = 512 * 1024;

const operationHeader = 'KV-Operation';

/** Opens a bucket that `up` created. @throws LOG_UNAVAILABLE when it does not exist. */
export async function openBucket(bus: Bus, name: string): Promise<Bucket> {
  const stream = `KV_${name}`;
  await untilAnswered(bus, `Bucket ${name} cannot be opened`, () => bus.manager.streams.info(stream));
  const prefix = `$KV.${name}.`;

  const write = async (key: string, value: Uint8Array | string, expected: number | null, operation?: string) => {
    const values = headers();
    if (operation !== undefined) values.append(operationHeader, operation);
    const stored = await bus.jetstream.publish(prefix + key, value, {
      headers: values,
      timeout: requestTimeoutMs,
      expect: { streamName: stream, ...(expected === null ? {} : { lastSubjectSequence: expected }) },
    });
    return stored.seq;
  };
  /** Tried once: after an unclear answer a repeat could overwrite what somebody else has set since. */
  const compareAndSet = async (key: string, value: Uint8Array | string, expected: number) => {
    await bus.whenConnected(AbortSignal.timeout(requestTimeoutMs)).catch((cause: unknown) => {
      throw unavailable(`${name}/${key} cannot be set`, cause);
    });
    try {
      return await write(key, value, expected);
    } catch (error) {
      if (apiErrorOf(error) === apiErrors.wrongLastSequence) return null;
      throw unavailable(`${name}/${key} cannot be set`, error);
    }
  };
  const last = (key: string) => lastMessage(bus, stream, prefix + key);

  return {
    async get(key) {
      const message = await last(key);
      if (message === null || isDeletion(message)) return null;
      return { value: message.data, revision: message.sequence };
    },
    put: (key, value) => untilAnswered(bus, `${name}/${key} cannot be set`, () => write(key, value, null)),
    async create(key, value) {
      const message = await last(key);
      if (message !== null && !isDeletion(message)) return null;
      return compareAndSet(key, value, message?.sequence ?? 0);
    },
    update: (key, value, revision) => compareAndSet(key, value, revision),
    async delete(key) {
      await untilAnswered(bus, `${name}/${key} cannot be deleted`, () => write(key, '', null, 'DEL'));
    },
    async purge(key) {
      await untilAnswered(bus, `${name}/${key} cannot be removed`, () =>
        bus.manager.streams.purge(stream, { filter: prefix + key }),
      );
    },
    async entries(begin) {
      const info = await untilAnswered(bus, `${name} cannot be listed`, () =>
        bus.manager.streams.info(stream, { subjects_filter: `${prefix}${begin}>` }),
      );
      const found = Object.keys(info.state.subjects ?? {}).map(async (subject) => {
        const message = await lastMessage(bus, stream, subject);
        if (message === null || isDeletion(message)) return [];
        return [{ key: subject.slice(prefix.length), value: message.data, revision: message.sequence }];
      });
      return (await Promise.all(found)).flat();
    },
    async keys() {
      const info = await untilAnswered(bus, `${name} cannot be listed`, () =>
        bus.manager.streams.info(stream, { subjects_filter: `${prefix}>` }),
      );
      const found: string[] = [];
      for (const subject of Object.keys(info.state.subjects ?? {})) {
        const message = await lastMessage(bus, stream, subject);
        if (message !== null && !isDeletion(message)) found.push(subject.slice(prefix.length));
      }
      return found.toSorted();
    },
    async *watch(signal, watched = '>') {
      const options = { stream, subject: prefix + watched, after: 0, signal, onGap: ignoreGap };
      for await (const message of readStream(bus, options))
        yield {
          key: message.subject.slice(prefix.length),
          value: isDeletion(message) ? null : message.data,
          revision: message.sequence,
        };
    },
  };
}

/** Only the last value of a key is kept: what a gap hides was superseded. */
function ignoreGap(): void {}

/** The failure of a compare-and-set says nothing about whether it happened. */
export function isUnclear(error: unknown): boolean {
  return error instanceof Error && isTransient(error.cause);
}

function isDeletion(message: StreamMessage): boolean {
  return message.header(operationHeader) !== undefined;
}
