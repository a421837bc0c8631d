import { MillraceError } from '../errors.ts';
import type { Bus } from './connection.ts';
import { unavailable } from './jetstream-errors.ts';
import { PullConsumer } from './pull-consumer.ts';
import { pause, retryDelayMs } from './retry.ts';
import type { StreamMessage } from './stream-message.ts';
import { streamInfo } from './streams.ts';

export interface ReadOptions {
  readonly stream: string;
  readonly subject: string;
  /** Sequence of the last message processed; 0 reads from the start. */
  readonly after: number;
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  /** The messages `from` to `to` of the stream were trimmed before they were read. Then reading goes on after them. */
  readonly onGap: (from: number, to: number) => void;
}

/**
 * Reads a subject of a stream in order, from a position, for ever: over restarts of the server, lost links, and
 * consumers that fall silent. At most `prefetchMessagesMax` messages and about `prefetchBytesMax` bytes are held ahead
 * of the one who reads.
 * @throws LOG_GAP when the stream ends before the position: it is not the stream that was read before.
 */
export async function* readStream(bus: Bus, options: ReadOptions): AsyncGenerator<StreamMessage, void, void> {
  const { signal } = options;
  let position = options.after;
  try {
    for (let attempt = 1; ; attempt++) {
      position = await checkPosition(bus, options, position);
      const consumer = await openConsumer(bus, options, position);
      try {
        for (;;) {
          const message = await consumer.next(signal);
          if (message === null) break;
          position = message.sequence;
          attempt = 0;
          yield message;
        }
      } finally {
        consumer.close();
      }
      await pause(retryDelayMs(Math.max(attempt, 1)), signal);
    }
  } catch (error) {
    // An abort shows as its reason from whatever was waited for: the end that was asked for.
    if (signal.aborted) return;
    throw error;
  }
}

/** Compares the position with the stream's extent and reports what was trimmed away unread. */
async function checkPosition(bus: Bus, options: ReadOptions, position: number): Promise<number> {
  const { firstSequence, lastSequence } = await streamInfo(bus, options.stream, options.signal);
  if (lastSequence < position)
    throw new MillraceError(
      'LOG_GAP',
      `Stream ${options.stream} ends at ${lastSequence}, before the position ${position} of the reader of ${options.subject}: it was replaced or has lost its end.`,
    );
  if (position === 0 || firstSequence <= position + 1) return position;
  options.onGap(position + 1, firstSequence - 1);
  return firstSequence - 1;
}

async function openConsumer(bus: Bus, options: ReadOptions, position: number): Promise<PullConsumer> {
  for (let attempt = 1; ; attempt++) {
    await bus.whenConnected(options.signal);
    const consumer = await PullConsumer.open(bus, options.stream, options.subject, position + 1);
    if (consumer instanceof PullConsumer) return consumer;
    if (!consumer.transient) throw unavailable(`${options.subject} cannot be read`, consumer.error);
    await pause(retryDelayMs(attempt), options.signal);
  }
}
