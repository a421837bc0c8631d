import { createHash } from 'node:crypto';
import type { Delivery, WebhookDefinition } from '../../events/delivery.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import { DeliveryQueue, type DeliveryQueueState } from './delivery-queue.ts';

/** A webhook's checkpoint, JSON. */
export interface WebhookState {
  /** Of which webhook of this name it is: one that was deleted and made again begins anew. */
  readonly identity: string;
  readonly queue: DeliveryQueueState;
  /** Sequence in DELIVERIES up to which recorded attempts are in `queue`. */
  readonly recordedUpTo: number;
}

export const checkpointName = (webhook: string) => `webhook.${webhook}`;

/** Webhooks made by REST are told apart by their secret, which is new each time; those of the config by their name. */
export function identityOf(definition: WebhookDefinition): string {
  if (definition.source === 'config') return 'config';
  return createHash('sha256').update(definition.secret).digest('hex').slice(0, 16);
}

/** The queue as it was when the process ended: the saved state and the attempts recorded since. */
export async function restoreQueue(
  bus: Bus,
  checkpoints: Checkpoints,
  definition: WebhookDefinition,
  pendingMax: number,
  signal: AbortSignal,
): Promise<DeliveryQueue> {
  const state = await takePlace(bus, checkpoints, definition, signal);
  const queue = new DeliveryQueue(pendingMax, state.queue);
  const recorded = deliveriesAfter(bus, definition.name, state.recordedUpTo, signal);
  for await (const delivery of recorded) queue.recorded(delivery);
  return queue;
}

/** The saved state of the webhook; of a new one, which begins at the end of ALERTS, it is saved first. */
export async function takePlace(
  bus: Bus,
  checkpoints: Checkpoints,
  definition: WebhookDefinition,
  signal: AbortSignal,
): Promise<WebhookState> {
  const { name } = definition;
  const identity = identityOf(definition);
  const saved = await loadState(checkpoints, name);
  if (saved?.identity === identity) return saved;
  const { lastSequence } = await streamInfo(bus, streams.alerts, signal);
  const queue = { cursor: { sequence: lastSequence, items: 0 }, pending: [] };
  const recordedUpTo = await lastDelivery(bus, name, signal);
  await saveQueue(checkpoints, definition, queue, recordedUpTo);
  return { identity, queue, recordedUpTo };
}

async function loadState(checkpoints: Checkpoints, name: string): Promise<WebhookState | null> {
  const saved = await checkpoints.load(checkpointName(name));
  return saved === null ? null : (JSON.parse(Buffer.from(saved).toString()) as WebhookState);
}

export function saveQueue(
  checkpoints: Checkpoints,
  definition: WebhookDefinition,
  queue: DeliveryQueueState,
  recordedUpTo: number,
): Promise<void> {
  const state: WebhookState = { identity: identityOf(definition), queue, recordedUpTo };
  return checkpoints.save(checkpointName(definition.name), Buffer.from(JSON.stringify(state)));
}

/** Of a webhook that was deleted or disabled: whoever has its name next begins at the end of ALERTS. */
export async function forgetState(checkpoints: Checkpoints, name: string): Promise<void> {
  const present = await loadState(checkpoints, name);
  if (present === null || present.identity === '') return;
  const queue = { cursor: { sequence: 0, items: 0 }, pending: [] };
  const state: WebhookState = { identity: '', queue, recordedUpTo: 0 };
  await checkpoints.save(checkpointName(name), Buffer.from(JSON.stringify(state)));
}

/** Sequence of the webhook's last record in DELIVERIES, 0 without any. */
export async function lastDelivery(bus: Bus, name: string, signal: AbortSignal): Promise<number> {
  return (await lastMessage(bus, streams.deliveries, subjects.deliveries(name), signal))?.sequence ?? 0;
}

async function* deliveriesAfter(bus: Bus, name: string, after: number, signal: AbortSignal): AsyncIterable<Delivery> {
  const last = await lastDelivery(bus, name, signal);
  if (last <= after) return;
  const onGap = () => {
    // Trimmed records are older than those of a webhook that is still at work on them.
  };
  const options = { stream: streams.deliveries, subject: subjects.deliveries(name), after, signal, onGap };
  for await (const { data, sequence } of readStream(bus, options)) {
    yield* JSON.parse(Buffer.from(data).toString()) as Delivery[];
    if (sequence >= last) return;
  }
}
