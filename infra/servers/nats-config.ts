import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One user for each kind of process, so that a hole in one of them opens no more than that one needs. */
export const natsUserNames = ['ingest', 'processors', 'dashboard', 'admin'] as const;
export type NatsUserName = (typeof natsUserNames)[number];

export interface NatsUser {
  user: NatsUserName;
  pass: string;
}
export type NatsUsers = Record<NatsUserName, NatsUser>;

/** The users' passwords from a file that only its owner reads; made at random when it is not there. */
export async function loadNatsUsers(path: string): Promise<NatsUsers> {
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as NatsUsers;
  const users = Object.fromEntries(
    natsUserNames.map((user) => [user, { user, pass: randomBytes(24).toString('hex') }]),
  ) as NatsUsers;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(users, null, 2), { mode: 0o600 });
  return users;
}

/** Reading streams and buckets. No stream can be made, changed, emptied or deleted with these. */
const readStreams = [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.STREAM.MSG.GET.*',
  '$JS.API.DIRECT.GET.>',
  '$JS.API.CONSUMER.>',
  '$JS.ACK.>',
  '$JS.FC.>',
];

interface Permissions {
  publish: string[];
  subscribe: string[];
}

/** Processors and `admin` (which `up` uses) create and trim streams: they may do everything. */
const permissions: Partial<Record<NatsUserName, Permissions>> = {
  ingest: {
    publish: [
      'log.>',
      'health.>',
      'alerts.system',
      'audit.refused',
      'commands.>',
      // Leases of its own, for bridges: those of processors it can only read.
      '$KV.leases.ingest.>',
      // What its broker holds: subscriptions of sessions, snapshots.
      '$KV.sessions.>',
      '$KV.broker.>',
      '$O.broker.>',
      '$JS.API.STREAM.PURGE.KV_sessions',
      '$JS.API.STREAM.PURGE.OBJ_broker',
      ...readStreams,
    ],
    subscribe: ['_INBOX.>', 'health.>', 'commands.>'],
  },
  dashboard: {
    publish: [
      'health.>',
      'query.>',
      'commands.>',
      'alerts.human',
      'audit.changed',
      '$KV.webhooks.>',
      '$KV.schemas.>',
      '$KV.credentials.>',
      ...readStreams,
    ],
    subscribe: ['_INBOX.>', 'health.>', 'live.>', 'feed.>', 'alerts.>', 'commands.>'],
  },
};

export interface NatsConfig {
  serverName: string;
  port: number;
  storeDirectory: string;
  maxPayloadBytes: number;
  /** Sync each write to the disk before it is acknowledged; nats-server >= 2.10.27. */
  syncAlways: boolean;
  users: NatsUsers;
}

/** The server's configuration file: loopback only, JetStream on, one account. JSON is a form of its syntax. */
export function natsConfigText(config: NatsConfig): string {
  return JSON.stringify(
    {
      server_name: config.serverName,
      listen: `127.0.0.1:${config.port}`,
      max_payload: config.maxPayloadBytes,
      jetstream: {
        store_dir: config.storeDirectory,
        // Each stream has its own bound, which is kept; the server's guess from the free disk would refuse some of them.
        max_file_store: 2 ** 42,
        max_memory_store: 256 * 2 ** 20,
        ...(config.syncAlways ? { sync_interval: 'always' } : {}),
      },
      authorization: {
        users: natsUserNames.map((name) => ({
          user: name,
          password: config.users[name].pass,
          ...(permissions[name] ? { permissions: { ...permissions[name], allow_responses: true } } : {}),
        })),
      },
    },
    null,
    2,
  );
}
