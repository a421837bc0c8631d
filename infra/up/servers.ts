import { join } from 'node:path';
import type { BusOptions } from '../bus/connection.ts';
import type { Config } from '../config/schema.ts';
import { influxChild } from '../servers/influxd.ts';
import { natsChild } from '../servers/nats-server.ts';
import type { Prepared } from '../setup/prepare.ts';
import type { ChildSpec } from '../supervisor/child.ts';
import type { ChildEnvironment } from './children.ts';

/** The log's server and the database: managed here, or running elsewhere. */
export interface Servers {
  readonly children: readonly ChildSpec[];
  readonly bus: BusOptions;
  readonly environment: ChildEnvironment['user'];
  readonly natsUrl: string;
  readonly influxUrl: string;
  /** What an acknowledged reading survives; null when a server elsewhere decides. */
  readonly durability: 'power-loss' | 'process' | null;
  /** `nats-server 2.15.1`, or where it runs. */
  readonly natsName: string;
}

export async function describeServers(config: Config, directory: string, found: Prepared): Promise<Servers> {
  const children: ChildSpec[] = [];
  const nats = config.nats.url
    ? null
    : await natsChild({ binary: found['nats-server']!, port: config.nats.port, directory: natsDirectory(directory) });
  if (nats) children.push(nats.spec);
  const influx = config.influx.url
    ? null
    : await influxChild({ binary: found.influxd!, port: config.influx.port, directory: join(directory, 'influxdb') });
  if (influx) children.push(influx.spec);
  const natsUrl = nats?.url ?? config.nats.url!;
  const credentials = nats
    ? nats.users.admin
    : { user: process.env['MILLRACE_NATS_USER'], pass: process.env['MILLRACE_NATS_PASS'] };
  return {
    children,
    bus: { url: natsUrl, name: 'up', ...(credentials.user === undefined ? {} : credentials) },
    environment: (name): Record<string, string> => {
      if (nats === null) return {};
      const { user, pass } = nats.users[name];
      return { MILLRACE_NATS_USER: user, MILLRACE_NATS_PASS: pass };
    },
    natsUrl,
    influxUrl: influx?.url ?? config.influx.url!,
    durability: nats?.durability ?? null,
    natsName: nats ? `nats-server ${found['nats-server']!.version}` : `the NATS server at ${natsUrl}`,
  };
}

export function natsDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'nats');
}
