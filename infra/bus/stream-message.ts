import type { Msg, MsgRequest, StoredMsg } from 'nats';
import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors } from './jetstream-errors.ts';
import { untilAnswered } from './retry.ts';
import { microseconds } from './server-time.ts';

/** A message of a stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly sequence: number;
  /** When JetStream stored it: the log's clock, microseconds. */
  readonly timeUs: number;
  /** Messages of the subject behind this one, when it was delivered. */
  readonly pending: number;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

/** What JetStream says of a delivery in its reply subject. */
export interface Delivery {
  readonly sequence: number;
  /** Counts the deliveries of one consumer from 1: a hole means that a message was lost on the way. */
  readonly delivery: number;
  readonly timeUs: number;
  readonly pending: number;
}

/**
 * Parses `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time ns>.<pending>`, or the longer form
 * with domain and account before the stream. Null when it is something else.
 */
export function parseDelivery(reply: string | undefined): Delivery | null {
  if (!reply?.startsWith('$JS.ACK.')) return null;
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 5 : 7;
  if (tokens.length < at + 4) return null;
  return {
    sequence: Number(tokens[at]),
    delivery: Number(tokens[at + 1]),
    // Nanoseconds do not fit a double: cut to microseconds as text.
    timeUs: Number(tokens[at + 2]!.slice(0, -3)),
    pending: Number(tokens[at + 3]),
  };
}

export function deliveredMessage(message: Msg, delivery: Delivery): StreamMessage {
  return {
    subject: message.subject,
    sequence: delivery.sequence,
    timeUs: delivery.timeUs,
    pending: delivery.pending,
    data: message.data,
    header: (name) => message.headers?.get(name) || undefined,
  };
}

function storedMessage(message: StoredMsg): StreamMessage {
  return {
    subject: message.subject,
    sequence: message.seq,
    timeUs: microseconds(message.timestamp),
    pending: 0,
    data: message.data,
    header: (name) => message.header?.get(name) || undefined,
  };
}

/** One message by its sequence; null when the stream holds it no longer, or not yet. */
export function messageAt(
  bus: Bus,
  stream: string,
  sequence: number,
  signal?: AbortSignal,
): Promise<StreamMessage | null> {
  return storedOrNull(bus, stream, { seq: sequence }, `Message ${sequence} of ${stream} cannot be read`, signal);
}

/** The last message of a subject, asked of the stream's leader; null when there is none. */
export function lastMessage(
  bus: Bus,
  stream: string,
  subject: string,
  signal?: AbortSignal,
): Promise<StreamMessage | null> {
  const failing = `The last message of ${subject} cannot be read`;
  return storedOrNull(bus, stream, { last_by_subj: subject }, failing, signal);
}

function storedOrNull(
  bus: Bus,
  stream: string,
  query: MsgRequest,
  failing: string,
  signal: AbortSignal | undefined,
): Promise<StreamMessage | null> {
  return untilAnswered(
    bus,
    failing,
    async () => {
      try {
        return storedMessage(await bus.manager.streams.getMessage(stream, query));
      } catch (error) {
        if (apiErrorOf(error) === apiErrors.messageNotFound) return null;
        throw error;
      }
    },
    signal,
  );
}
