import { setTimeout as wait } from 'node:timers/promises';
import type { Bus } from '../../infra/bus/connection.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import type { Log } from '../../infra/log.ts';

const retryMs = 1_000;

export interface FollowOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly subject: string;
  /** How many messages before the stream's end to begin. */
  readonly distanceMax: number;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Gets each message in order; one that cannot be understood is logged and passed over. */
  readonly onMessage: (message: StreamMessage) => void;
}

/** Follows a stream from a bounded distance before its end, for ever. What it shows is a view: gaps do not matter to it. */
export async function followStream(options: FollowOptions): Promise<void> {
  const { bus, stream, subject, signal, log } = options;
  while (!signal.aborted) {
    try {
      const { lastSequence } = await streamInfo(bus, stream, signal);
      const after = Math.max(0, lastSequence - options.distanceMax);
      for await (const message of readStream(bus, { stream, subject, after, signal, onGap: () => {} })) {
        try {
          options.onMessage(message);
        } catch (error) {
          log.warn({ err: error, stream, sequence: message.sequence }, 'a message of the stream cannot be shown');
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, stream }, 'the stream cannot be followed; trying again');
      await wait(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const decoder = new TextDecoder();

/** The items of a message: fenced writers send JSON arrays, others a single value. */
export function itemsOf(message: Pick<StreamMessage, 'data'>): readonly unknown[] {
  const value: unknown = JSON.parse(decoder.decode(message.data));
  return Array.isArray(value) ? value : [value];
}
