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
  credentials: 'credentials',
} as const;

/** Object store for checkpoints larger than a message. */
export const checkpointObjects = 'checkpoints';

/** Whose outputs: a partition's worker's, or those of the fleet's worker, which reads all partitions. */
type Lane = number | 'fleet';

export const subjects = {
  log: (partition: number) => `log.${partition}`,
  windows: (lane: Lane) => `windows.${lane}`,
  alerts: (lane: Lane) => `alerts.${lane}`,
  alertsSystem: 'alerts.system',
  quarantine: (lane: Lane) => `quarantine.${lane}`,
  quarantineStorage: (partition: number) => `quarantine.storage.${partition}`,
  deliveries: (webhook: string) => `deliveries.${webhook}`,
  derived: (lane: Lane) => `derived.${lane}`,
  /** What people did to credentials, and what was refused. */
  auditChanged: 'audit.changed',
  auditRefused: 'audit.refused',
  /** Conflated latest readings of a partition, core NATS. */
  live: (partition: number) => `live.${partition}`,
  /** Reports of a process's health and figures, once a second, core NATS. */
  health: (process: string, instance: string) => `health.${process}.${instance}`,
  /** Transitions for other NATS programs, core NATS. */
  feedAlerts: (rule: string, key: string) => `feed.alerts.${rule}.${subjectToken(key)}`,
  /** Request: a page of the devices a partition's worker knows. Core NATS request-reply. */
  queryDevices: (partition: number) => `query.devices.${partition}`,
} as const;

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
