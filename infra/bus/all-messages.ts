import type { Bus } from './connection.ts';
import { lastMessage, type StreamMessage } from './stream-message.ts';
import { readStream } from './stream-reader.ts';

/** Messages a subject is read for at most; more are a mistake of who asks. */
const messagesMax = 100_000;

/** Every message a subject holds now, oldest first. For small subjects. */
export async function allMessages(bus: Bus, stream: string, subject: string): Promise<StreamMessage[]> {
  const last = await lastMessage(bus, stream, subject);
  const messages: StreamMessage[] = [];
  if (last === null) return messages;
  const stop = new AbortController();
  const options = { stream, subject, after: 0, signal: stop.signal, onGap: noGap };
  for await (const message of readStream(bus, options)) {
    messages.push(message);
    if (message.sequence >= last.sequence || messages.length === messagesMax) break;
  }
  return messages;
}

/** From the start there is nothing that could be missed. */
function noGap(): void {}
