import type { Readiness } from '../../events/api.ts';
import type { PipelineFigures } from '../../events/pipeline.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { AlertBook } from './alerts/alert-book.ts';
import type { ConfigInForce } from './config-in-force.ts';
import type { DeviceFeed } from './devices/device-feed.ts';
import type { DeviceMirror } from './devices/device-mirror.ts';
import type { ReportBook } from './figures/report-book.ts';
import type { SampleRing } from './figures/sample-ring.ts';
import type { InfluxTarget } from './history/influx-query.ts';
import type { LiveTail } from './history/live-tail.ts';
import type { QuarantineBook } from './intake/quarantine-book.ts';
import type { QuarantineScan } from './intake/quarantine-scan.ts';
import type { Redriver } from './intake/redriver.ts';
import type { UnmatchedTopics } from './intake/unmatched-topics.ts';
import type { DeliveryBook } from './webhooks/delivery-book.ts';
import type { WebhookStore } from './webhooks/webhook-store.ts';

/** All that the routes answer from. */
export interface Views {
  readonly bus: Bus;
  /** Where sensors publish: fixed at the start. */
  readonly mqtt: Config['mqtt'];
  readonly inForce: Pick<ConfigInForce, 'config' | 'fields' | 'statements'>;
  readonly version: string;
  readonly instance: string;
  readonly startedAtUs: number;
  readonly mirror: DeviceMirror;
  readonly feed: Pick<DeviceFeed, 'ask'>;
  readonly alerts: AlertBook;
  readonly quarantine: QuarantineBook;
  readonly quarantineScan: QuarantineScan;
  readonly redriver: Redriver;
  readonly unmatched: UnmatchedTopics;
  readonly reports: ReportBook;
  readonly samples: SampleRing;
  readonly influx: InfluxTarget;
  readonly tail: LiveTail;
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryBook;
  /** Why a webhook may not go to this address, as a sentence; null if it may. */
  readonly targetRefusal: (url: string) => string | null;
  readonly figures: () => PipelineFigures;
  readonly readiness: () => Readiness;
  /** Wall clock, us. */
  readonly clockUs: () => number;
}
