import type { SystemAlarm, Transition } from '../../events/alert.ts';
import type { Delivery } from '../../events/delivery.ts';
import type { Quarantined, RedriveOutcome } from '../../events/quarantine.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Log } from '../../infra/log.ts';
import type { AlertBook } from './alerts/alert-book.ts';
import type { SystemAlarms } from './alerts/system-alarms.ts';
import type { DeviceMirror } from './devices/device-mirror.ts';
import type { QuarantineBook } from './intake/quarantine-book.ts';
import { quarantinedBy } from './intake/quarantine-scan.ts';
import type { RedrivenBook } from './intake/redriven-book.ts';
import type { UnmatchedTopics } from './intake/unmatched-topics.ts';
import { followStream, itemsOf } from './stream-follower.ts';
import type { DeliveryBook } from './webhooks/delivery-book.ts';
import type { WebhookStore } from './webhooks/webhook-store.ts';

/** How far back the views reach, in messages. */
const distances = { alerts: 20_000, quarantine: 200_000, deliveries: 5_000 };

export interface StreamViews {
  readonly bus: Bus;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly startedAtUs: number;
  readonly mirror: DeviceMirror;
  readonly alerts: AlertBook;
  readonly alarms: SystemAlarms;
  readonly quarantine: QuarantineBook;
  readonly redriven: RedrivenBook;
  readonly unmatched: UnmatchedTopics;
  readonly deliveries: DeliveryBook;
  readonly webhooks: WebhookStore;
}

/** Follows every stream that the pages show. Resolves when all have ended after the abort. */
export async function followStreams(views: StreamViews): Promise<void> {
  const { bus, signal, log, mirror, alerts, alarms, quarantine, redriven, unmatched, deliveries, webhooks } = views;
  const common = { bus, signal, log };
  await Promise.all([
    followStream({
      ...common,
      stream: streams.alerts,
      subject: 'alerts.>',
      distanceMax: distances.alerts,
      onMessage(message) {
        if (message.subject === 'alerts.human') return;
        for (const item of itemsOf(message)) {
          if (message.subject === subjects.alertsSystem) alarms.add(item as SystemAlarm);
          // What was decided before the start is known to whoever opens a page; it is no news.
          else if (message.timeUs < views.startedAtUs) alerts.add(item as Transition);
          else mirror.applyTransition(item as Transition);
        }
      },
    }),
    followStream({
      ...common,
      stream: streams.quarantine,
      subject: 'quarantine.>',
      distanceMax: distances.quarantine,
      onMessage(message) {
        const by = quarantinedBy(message.subject);
        if (by === null) {
          for (const outcome of itemsOf(message)) redriven.add(outcome as RedriveOutcome);
          return;
        }
        for (const item of itemsOf(message) as readonly Quarantined[]) {
          quarantine.add(item, by);
          if (item.reason === 'no-template') unmatched.add(item);
        }
      },
    }),
    followStream({
      ...common,
      stream: streams.deliveries,
      subject: 'deliveries.>',
      distanceMax: distances.deliveries,
      onMessage(message) {
        for (const item of itemsOf(message)) deliveries.add(item as Delivery);
      },
    }),
    webhooks.follow(signal, log),
  ]);
}
