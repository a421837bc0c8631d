import { z } from 'zod';
import type { FieldValue } from '../../events/reading.ts';
import type { SchemaInForce } from '../schemas/schema-text.ts';
import { commandFormats } from '../../events/command-payload.ts';
import { clientLimits } from './client-limits.ts';
import { bridge } from './bridge-schema.ts';
import { auth, tls } from './access-schema.ts';
import { name } from './name-schema.ts';
import { rule } from './rule-schema.ts';
import { defaultTopics, topicEntry, topicsInForce } from './topic-schema.ts';
import { join, table, transform } from './transform-schema.ts';
import { duration, size } from './units.ts';
import { window } from './window-schema.ts';

/** The configuration, declared once: types, defaults, the JSON Schema and the reference page come from here. */

const command = z.strictObject({
  template: z
    .string()
    .describe('topic that commands go to; {device} and the other placeholders as in topics, {command}, {id}'),
  format: z
    .enum(commandFormats)
    .default('json')
    .describe(
      'json: {"id", "command", "payload"}; raw: the payload alone, without the id that tells a repeat; sparkplug: NCMD, DCMD',
    ),
  qos: z.int().min(0).max(1).default(1).describe('0 only with acknowledge: answer'),
  timeout: duration().prefault('30s').describe('after it a command is given up; it also waits for the device'),
  attempts: z.int().min(1).max(20).default(3).describe('sends at most, spread evenly over the timeout'),
  acknowledge: z
    .enum(['puback', 'answer'])
    .default('puback')
    .describe("puback: by the device's MQTT client; answer: by a publish of the device on answerTemplate"),
  answerTemplate: z
    .string()
    .optional()
    .describe('topic of answers {"id", "ok", "message"}; default: template and /answer'),
});

const field = z.strictObject({
  name: z.string().min(1),
  topic: z.string().optional().describe('topic template; without it, for the field wherever it appears'),
  label: z.string().optional().describe('what people call it'),
  unit: z.string().optional().describe('shown after values'),
  range: z.tuple([z.number(), z.number()]).optional().describe('physically possible [least, greatest]'),
});

const webhook = z.strictObject({
  name,
  url: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }),
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64')
    .optional()
    .describe('generated and shown once when absent'),
  rules: z.array(z.string()).min(1).default(['*']).describe('names of rules, or * for all'),
});

const port = z.int().min(0).max(65535);

export const defaultCommands: z.output<typeof command>[] = [
  {
    template: 'sensors/{site}/{device}/commands/{command}',
    format: 'json',
    qos: 1,
    timeout: 30_000,
    attempts: 3,
    acknowledge: 'puback',
  },
];

export const configSchema = z.strictObject({
  topics: z.array(topicEntry).min(1).default(defaultTopics).transform(topicsInForce),
  commands: z.array(command).max(16).default(defaultCommands),
  fields: z.array(field).default([]),
  transforms: z.array(transform).max(64).default([]),
  tables: z.array(table).max(16).default([]),
  joins: z.array(join).max(16).default([]),
  windows: z.array(window).default([]),
  rules: z.array(rule).default([]),
  processors: z
    .array(z.strictObject({ name, file: z.string().min(1).describe('a TypeScript file, relative to the checkout') }))
    .default([]),
  webhooks: z.array(webhook).default([]),
  webhookNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'must be a network such as 10.0.0.0/8 or fd00::/8'))
    .optional()
    .describe('private networks that webhooks may reach; default: loopback while HTTP is bound to loopback'),
  log: z
    .strictObject({
      partitions: z.int().min(1).max(64).default(4).describe('fixed when the log is created'),
      maxBytes: size().optional().describe('hard stop; default: the lower of 8GiB and half the free disk'),
      keepBytes: size().optional().describe('trimmed above this; default: half of maxBytes'),
      keepAge: duration().prefault('7d').describe('trimmed when older'),
      dedupeWindow: duration()
        .prefault('2m')
        .describe('how long JetStream itself refuses a batch it has stored; readers remember it for longer'),
    })
    .prefault({}),
  clock: z
    .strictObject({
      maxAhead: duration().prefault('60s').describe("how far a reading's time may be ahead of the log's clock"),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      maxAge: duration().prefault('1h').describe('transitions about older readings are recorded, not notified'),
    })
    .prefault({}),
  state: z
    .strictObject({
      retain: duration()
        .prefault('30d')
        .describe('a device not heard of for so long, while Millrace listened, is forgotten'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      payloadMax: size().prefault('256KiB'),
      topicLevelsMax: z.int().min(1).default(16),
      topicBytesMax: z.int().min(1).default(256),
      fieldsPerReadingMax: z.int().min(1).default(256),
      readingsPerPublishMax: z.int().min(1).default(5_000),
      depthMax: z.int().min(1).default(8),
      devicesMax: z.int().min(1).default(200_000),
      fieldsPerDeviceMax: z
        .int()
        .min(1)
        .max(100_000)
        .default(1_024)
        .describe('names of fields that one device may ever send'),
      ...clientLimits,
    })
    .prefault({}),
  processes: z
    .strictObject({
      ingest: z.int().min(1).max(16).default(1).describe('they share the MQTT port'),
      processors: z.int().min(1).max(16).default(1).describe('they share the partitions of the log'),
    })
    .prefault({})
    .describe('how many of each `millrace up` runs on this machine'),
  mqtt: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(1883),
      tls: port.default(8883).describe('port for MQTT over TLS, where tls is configured'),
    })
    .prefault({}),
  tls: tls.optional().describe('files are watched: a renewed certificate is taken without a restart'),
  auth: auth.prefault({}),
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(8080),
      password: z
        .string()
        .min(8)
        .max(1_024)
        .optional()
        .describe('to open the dashboard with; needed when host is not loopback; best given as MILLRACE_PASSWORD'),
      hosts: z
        .array(z.string().min(1))
        .default([])
        .describe('further names that the dashboard is opened by, without port, such as that of a proxy'),
    })
    .prefault({}),
  ingestHttp: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(8081),
      bodyMax: size().prefault('10MiB').describe('one request, unpacked'),
      requestsMax: z.int().min(1).default(128).describe('requests that are read or wait for the log'),
      waitingBytesMax: size().prefault('64MiB').describe('bodies of all of these'),
      requestTimeout: duration().prefault('30s').describe('for a request to come in'),
      ackTimeout: duration().prefault('10s').describe('for the log to store it'),
    })
    .prefault({}),
  bridges: z.array(bridge).max(32).default([]).describe('other MQTT brokers whose messages are taken in'),
  nats: z
    .strictObject({
      url: z.string().optional().describe('a NATS server that runs elsewhere; then none is managed'),
      port: port.default(14222),
      binary: z.string().optional().describe('path of the program to run'),
      replicas: z.int().min(1).max(5).default(1),
    })
    .prefault({}),
  influx: z
    .strictObject({
      url: z.string().optional().describe('an InfluxDB that runs elsewhere; then none is managed'),
      token: z.string().optional(),
      org: z.string().default('millrace'),
      bucket: z.string().default('millrace'),
      port: port.default(18086),
      binary: z.string().optional().describe('path of the program to run'),
    })
    .prefault({}),
  data: z.string().min(1).default('.millrace').describe('directory of the log, the database and the logs'),
});

/** The whole configuration with defaults, units resolved: durations in ms, sizes in bytes. */
export type Config = z.output<typeof configSchema>;
export type WindowConfig = Config['windows'][number];
export type CommandConfig = Config['commands'][number];
export type RuleConfig = Config['rules'][number];
export type FieldConfig = Config['fields'][number];
export type TransformConfig = Config['transforms'][number];
export type TableConfig = Config['tables'][number];
export type JoinConfig = Config['joins'][number];
export type BridgeConfig = Config['bridges'][number];
export type WebhookConfig = Config['webhooks'][number];

/**
 * The part of the configuration that processing depends on: what a configuration version holds and a control
 * record puts in force. No secret, port, host or path of a machine is in it.
 */
export type ProcessingConfig = Pick<
  Config,
  'topics' | 'windows' | 'rules' | 'clock' | 'alerts' | 'limits' | 'fields' | 'state' | 'transforms' | 'joins'
> & {
  readonly processors: readonly (Config['processors'][number] & {
    /** SHA-256 (hex) of the file when the version was made: a changed file makes another version. */
    readonly hash?: string;
  })[];
  readonly tables: readonly ProcessingTable[];
  /** The schemas of the registry, while a topic needs them: `infra/schemas/in-force.ts` puts them here. */
  readonly schemas: readonly SchemaInForce[];
};

/** A table as processing sees it: its rows, wherever they were read from. */
export interface ProcessingTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly rows: readonly TableRow[];
}

export type TableRow = Readonly<Record<string, FieldValue>>;

export function processingConfig(config: Config): ProcessingConfig {
  const { topics, windows, rules, processors, clock, alerts, limits, fields, state, transforms, joins } = config;
  const tables = config.tables.map(({ key, rows = [], ...one }) => ({ name: one.name, key: [key].flat(), rows }));
  return {
    topics,
    windows,
    rules,
    processors,
    clock,
    alerts,
    limits,
    fields,
    state,
    transforms,
    tables,
    joins,
    schemas: [],
  };
}
