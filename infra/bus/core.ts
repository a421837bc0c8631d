import { RequestStrategy, type Msg } from 'nats';
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
 * Answers requests on `subject`. A handler that gives null leaves the request to others; one that throws leaves it
 * unanswered and is reported to `onError`.
 * @param queue of those that share this name one gets each request
 */
export function serveRequests(
  bus: Bus,
  subject: string,
  handler: (data: Uint8Array) => Promise<Uint8Array | null> | Uint8Array | null,
  onError: (error: unknown) => void,
  queue?: string,
): () => void {
  const answer = async (message: Msg) => {
    try {
      const data = await handler(message.data);
      if (data !== null) message.respond(data);
    } catch (error) {
      onError(error);
    }
  };
  const subscription = bus.connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
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

/** Asks several and collects their answers: until so many have come, or `timeoutMs` has passed. */
export async function gatherCore(
  bus: Bus,
  subject: string,
  data: Uint8Array | string,
  { count, timeoutMs }: { readonly count: number; readonly timeoutMs: number },
): Promise<Uint8Array[]> {
  const answers: Uint8Array[] = [];
  try {
    const options = { strategy: RequestStrategy.Count, maxMessages: count, maxWait: timeoutMs };
    for await (const message of await bus.connection.requestMany(subject, data, options)) answers.push(message.data);
  } catch (cause) {
    if (answers.length === 0) throw unavailable(`No answer on ${subject}`, cause);
  }
  return answers;
}
