import { requestTimeoutMs, type Bus } from './connection.ts';
import { untilAnswered } from './retry.ts';

/**
 * Appends a message to a stream that has several writers and whose readers bear a repeat: tried until it is answered.
 * @returns its sequence. @throws LOG_UNAVAILABLE when the server refuses.
 */
export async function appendMessage(
  bus: Bus,
  stream: string,
  subject: string,
  data: Uint8Array | string,
  signal?: AbortSignal,
): Promise<number> {
  const { seq } = await untilAnswered(
    bus,
    `${subject} cannot be written`,
    () => bus.jetstream.publish(subject, data, { timeout: requestTimeoutMs, expect: { streamName: stream } }),
    signal,
  );
  return seq;
}
