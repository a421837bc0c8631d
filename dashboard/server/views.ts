import type { Readiness } from '../../events/api.ts';
import type { LifeAnswer, LifeRequest } from '../../events/life.ts';
import type { PipelineFigures } from '../../events/pipeline.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { AlertBook } from './alerts/alert-book.ts';
import type { CommandLink } from './commands/command-link.ts';
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
  /** Topics of commands: fixed at the start, as they are for ingest. */
  readonly commandTemplates: Config['commands'];
  readonly commands: Pick<CommandLink, 'order' | 'list' | 'find'>;
  readonly inForce: Pick<ConfigInForce, 'config' | 'fields' | 'statements'>;
  /** Who opens the page has to sign in. */
  readonly needsPassword: boolean;
  /** Sensors reach MQTT over TLS, too. */
  readonly hasTls: boolean;
  readonly version: string;
  readonly instance: string;
  readonly startedAtUs: number;
  readonly mirror: DeviceMirror;
  readonly feed: Pick<DeviceFeed, 'ask'>;
  readonly partitions: number;
  /** Has a partition's worker do something with a device. @throws LOG_UNAVAILABLE when it does not answer. */
  readonly life: (partition: number, request: LifeRequest) => Promise<LifeAnswer>;
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
