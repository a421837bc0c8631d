/** Names of streams, subjects and buckets: what other programs on the same NATS rely on. */

export const streams = {
  log: 'LOG',
  windows: 'WINDOWS',
  alerts: 'ALERTS',
  quarantine: 'QUARANTINE',
  deliveries: 'DELIVERIES',
  derived: 'DERIVED',
  audit: 'AUDIT',
} as const;

export const buckets = {
  config: 'config',
  checkpoints: 'checkpoints',
  leases: 'leases',
  webhooks: 'webhooks',
  schemas: 'schemas',
  tables: 'tables',
  broker: 'broker',
  sessions: 'sessions',
  credentials: 'credentials',
} as const;

/** Object store for checkpoints larger than a message. */
export const checkpointObjects = 'checkpoints';

/** And the one for snapshots of what ingest's broker holds. */
export const brokerObjects = 'broker';

/** Whose outputs: a partition's worker's, or those of the fleet's worker, which reads all partitions. */
type Lane = number | 'fleet';

export const subjects = {
  log: (partition: number) => `log.${partition}`,
  windows: (lane: Lane) => `windows.${lane}`,
  alerts: (lane: Lane) => `alerts.${lane}`,
  alertsSystem: 'alerts.system',
  quarantine: (lane: Lane) => `quarantine.${lane}`,
  quarantineStorage: (partition: number) => `quarantine.storage.${partition}`,
  /** What became of redriven records. */
  quarantineRedriven: (lane: Lane) => `quarantine.redriven.${lane}`,
  deliveries: (webhook: string) => `deliveries.${webhook}`,
  derived: (lane: Lane) => `derived.${lane}`,
  /** What people did to credentials, and what was refused. */
  auditChanged: 'audit.changed',
  auditRefused: 'audit.refused',
  /** Conflated latest readings of a partition, core NATS. */
  live: (partition: number) => `live.${partition}`,
  /** Open windows of the devices or groups that somebody watches, core NATS. */
  livePartials: (lane: Lane) => `live.partials.${lane}`,
  /** Reports of a process's health and figures, once a second, core NATS. */
  health: (process: string, instance: string) => `health.${process}.${instance}`,
  /** Transitions for other NATS programs, core NATS. */
  feedAlerts: (rule: string, key: string) => `feed.alerts.${rule}.${subjectToken(key)}`,
  /** What workers want of Sparkplug edge nodes, for whichever ingest process holds them: `DeviceMessage`. Core NATS. */
  commandsRebirth: 'commands.rebirth',
  /** Request: a page of the devices a partition's worker knows. Core NATS request-reply. */
  queryDevices: (partition: number) => `query.devices.${partition}`,
  /** Request: a device-life operation, which the partition's worker appends to its log. Core NATS request-reply. */
  commandsLife: (partition: number) => `commands.life.${partition}`,
  /** Whose open windows a dashboard wants to see grow: `WatchedKeys`. Core NATS, every worker listens. */
  queryPartials: 'query.partials',
  /** Request: what the configuration in force makes of publishes. Core NATS request-reply, any processors process. */
  queryDecode: 'query.decode',
  /** Request: append records of the log again. Core NATS request-reply, any ingest process. */
  redrive: 'commands.redrive',
  /** Request: put the schemas that are registered in force. Answered when they are. Core NATS request-reply. */
  commandSchemas: 'commands.schemas',
  /** Commands to devices, core NATS; `command.ts` says what each holds. */
  commandRequest: 'commands.request',
  commandQuery: 'commands.query',
  commandDevice: 'commands.device',
  commandProgress: 'commands.progress',
  commandAnswer: 'commands.answer',
} as const;

/** A message for who subscribed to its topic at the broker. */
export interface DeviceMessage {
  readonly topic: string;
  /** Base64. */
  readonly payload: string;
  /** Who is to get it is behind this bridge, which took in a message of his under this topic; absent: he is connected here. */
  readonly via?: { readonly bridge: string; readonly topic: string };
}

/** Headers of LOG messages. */
export const logHeaders = {
  format: 'Millrace-Format',
  producer: 'Millrace-Producer',
  producerSequence: 'Millrace-Producer-Sequence',
} as const;

/** Header of messages on fenced subjects: `<log sequence>.<output index>` of the last output within. */
export const upToHeader = 'Millrace-Up-To';

/** A device key as one NATS subject token. */
export function subjectToken(key: string): string {
  const bytes = new TextEncoder().encode(key);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
