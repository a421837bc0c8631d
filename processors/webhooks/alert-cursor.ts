import type { SystemAlarm, Transition } from '../../events/alert.ts';
import type { WebhookDefinition } from '../../events/delivery.ts';
import { streams } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { Log } from '../../infra/log.ts';
import type { Bell } from '../bell.ts';
import type { NotifiedTransition } from './cloudevent.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import { deliveryLifeMs } from './retry-schedule.ts';

export interface AlertCursorOptions {
  readonly bus: Bus;
  readonly log: Log;
  readonly definition: WebhookDefinition;
  readonly queue: DeliveryQueue;
  /** Rung when something was taken; waited on while the queue is full. */
  readonly bell: Bell;
}

/** Takes the transitions that a webhook is told about from ALERTS into its queue, until the signal is aborted. */
export async function takeAlerts(options: AlertCursorOptions, signal: AbortSignal): Promise<void> {
  const { bus, log, definition, queue, bell } = options;
  const { sequence: after, items } = queue.cursor;
  const onGap = (from: number, to: number) =>
    log.error({ webhook: definition.name, from, to }, 'alerts were trimmed before the webhook was told about them');
  let skip = items;
  for await (const message of readStream(bus, { stream: streams.alerts, subject: 'alerts.>', after, signal, onGap })) {
    for (const item of parseAlerts(message.data, log).slice(skip)) {
      while (queue.full && !signal.aborted) await bell.next(signal);
      if (signal.aborted) return;
      queue.take(concerns(definition, item) ? item : null, Date.now() * 1000, deliveryLifeMs * 1000);
      bell.ring();
    }
    skip = 0;
    queue.passed(message.sequence);
  }
}

/** A webhook is told when an alert of its rules begins and ends, unless that was long ago. */
export function concerns(
  { rules }: Pick<WebhookDefinition, 'rules'>,
  item: Transition | SystemAlarm,
): item is NotifiedTransition {
  if ('kind' in item || !item.notify || item.historical) return false;
  return rules.includes('*') || rules.includes(item.rule);
}

function parseAlerts(data: Uint8Array, log: Log): (Transition | SystemAlarm)[] {
  try {
    const value = JSON.parse(Buffer.from(data).toString()) as (Transition | SystemAlarm)[] | SystemAlarm;
    return Array.isArray(value) ? value : [value];
  } catch (error) {
    log.error({ error }, 'a message in ALERTS is not JSON; webhooks skip it');
    return [];
  }
}
