import type { Bus } from '../infra/bus/connection.ts';
import { lastMessage, type StreamMessage } from '../infra/bus/stream-message.ts';
import { readStream } from '../infra/bus/stream-reader.ts';

/** All messages of a subject, as far as it goes now. */
export async function readAll(bus: Bus, stream: string, subject: string): Promise<StreamMessage[]> {
  const last = await lastMessage(bus, stream, subject);
  const messages: StreamMessage[] = [];
  if (last === null) return messages;
  const options = { stream, subject, after: 0, signal: new AbortController().signal, onGap: () => undefined };
  for await (const message of readStream(bus, options)) {
    messages.push(message);
    if (message.sequence === last.sequence) break;
  }
  return messages;
}

/** The items in the JSON arrays of a derived stream's subject. */
export async function readItems(bus: Bus, stream: string, subject: string): Promise<unknown[]> {
  const messages = await readAll(bus, stream, subject);
  return messages.flatMap((message) => JSON.parse(Buffer.from(message.data).toString()) as unknown[]);
}
