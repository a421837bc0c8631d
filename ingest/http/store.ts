import type { TraceContext } from '../../events/trace-context.ts';
import type { PublishWriter } from '../routed-writer.ts';
import { comeAgain, type RequestRefused } from './answer.ts';
import type { Publish } from './readings-body.ts';
import type { Sender } from './sender.ts';

export interface StoreOptions {
  readonly writer: PublishWriter;
  /** Nobody but Millrace publishes there. */
  readonly isCommandTopic: (topic: string) => boolean;
  readonly partitionFor: (topic: string) => number;
  readonly nowUs: () => number;
  /** The log answers and is not full. */
  readonly writable: () => boolean;
  /** How long a request waits for the log, ms. */
  readonly ackTimeoutMs: number;
  onPublish(topic: string, client: string): void;
  onAcknowledged(ms: number): void;
}

/** Why nothing can be taken in now; null when it can. */
export function closedBecause({ writer, writable }: Pick<StoreOptions, 'writer' | 'writable'>): RequestRefused | null {
  if (writer.pressure === 'full')
    return comeAgain(
      503,
      'log-full',
      'The log is at its hard stop (log.maxBytes): nothing is taken until it is trimmed.',
    );
  if (!writable()) return comeAgain(503, 'log-unreachable', 'The log cannot be reached at present.');
  if (writer.pressure !== 'open' || writer.atCap)
    return comeAgain(503, 'busy', 'More records wait for the log than are allowed.');
  return null;
}

/**
 * Puts publishes into the log. `settled` resolves when it has all of them, however long that takes; `stored` as well, and
 * rejects with 503 after `ackTimeoutMs`: they stay on their way then.
 */
export function store(
  publishes: readonly Publish[],
  sender: Sender,
  trace: TraceContext | null,
  options: StoreOptions,
): { readonly stored: Promise<void>; readonly settled: Promise<void> } {
  const { writer, partitionFor, nowUs, ackTimeoutMs, onPublish, onAcknowledged } = options;
  const cameMs = performance.now();
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let open = publishes.length;
  const onStored = () => {
    onAcknowledged(performance.now() - cameMs);
    if (--open === 0) resolve();
  };
  if (open === 0) resolve();
  for (const [index, { topic, payload }] of publishes.entries()) {
    const from = sender(index);
    onPublish(topic, from.client);
    const record = {
      kind: 'publish' as const,
      ...from,
      connection: '',
      topic,
      payload,
      qos: 1 as const,
      retain: false,
      receivedAtUs: nowUs(),
      ...(trace === null ? {} : { trace }),
    };
    writer.append(partitionFor(topic), record, onStored);
  }
  return { settled, stored: within(settled, ackTimeoutMs) };
}

async function within(settled: Promise<void>, ackTimeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        comeAgain(
          503,
          'log-late',
          `The log did not answer within ${ackTimeoutMs} ms. What was sent may still be stored: with an Idempotency-Key it is safe to send it again.`,
        ),
      ),
    ackTimeoutMs,
  );
  try {
    await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
