import type { Msg } from 'nats';
import { canSend, type Bus } from './connection.ts';
import { unavailable } from './jetstream-errors.ts';

/** Core NATS: at most once, to whoever listens now. */

/** Publishes; without effect while the link is down. */
export function publishCore(bus: Bus, subject: string, data: Uint8Array | string): void {
  if (canSend(bus)) bus.connection.publish(subject, data);
}

/** Calls `handler` for each message on `subject` (wildcards allowed). Survives reconnects. Returns the unsubscription. */
export function subscribeCore(
  bus: Bus,
  subject: string,
  handler: (data: Uint8Array, subject: string) => void,
): () => void {
  const subscription = bus.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) handler(message.data, message.subject);
    },
  });
  return () => subscription.unsubscribe();
}

/**
 * Answers requests on `subject`; of those that serve one `queue`, one answers each request. A handler that throws leaves
 * its request unanswered and is reported to `onError`.
 */
export function serveRequests(
  bus: Bus,
  subject: string,
  handler: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array,
  onError: (error: unknown) => void,
  queue?: string,
): () => void {
  const answer = async (message: Msg) => {
    try {
      message.respond(await handler(message.data));
    } catch (error) {
      onError(error);
    }
  };
  const subscription = bus.connection.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback: (error, message) => (error === null ? void answer(message) : onError(error)),
  });
  return () => subscription.unsubscribe();
}

/** Asks and waits for one answer. @throws LOG_UNAVAILABLE when nobody answers in time. */
export async function requestCore(
  bus: Bus,
  subject: string,
  data: Uint8Array | string,
  timeoutMs: number,
): Promise<Uint8Array> {
  try {
    return (await bus.connection.request(subject, data, { timeout: timeoutMs })).data;
  } catch (cause) {
    throw unavailable(`No answer on ${subject}`, cause);
  }
}
