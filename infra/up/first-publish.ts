import { sampleTopic } from '../config/sample-topic.ts';
import type { Config } from '../config/schema.ts';
import { reachable } from './ports.ts';

/** Whether nobody is let in unknown. */
export function asksWho({ auth, tls }: Pick<Config, 'auth' | 'tls'>, credentials: number): boolean {
  return credentials > 0 || auth.jwt !== undefined || (tls !== undefined && tls.clientCertificates !== 'none');
}

/**
 * A line that publishes a first reading on this machine, as sensors would: with a name and secret to be filled in where
 * they are asked for, and over TLS where there is some.
 */
export function firstPublish(config: Config, credentials: number): string {
  const { mqtt, tls } = config;
  const host = reachable(mqtt.host).replaceAll(/[[\]]/g, '');
  const port = tls ? mqtt.tls : mqtt.port;
  const isDefault = !tls && port === 1883 && host === '127.0.0.1';
  const device = asksWho(config, credentials) ? 'NAME' : 'press-7';
  const parts = [
    'mosquitto_pub',
    ...(isDefault ? [] : [`-h ${host} -p ${port}`]),
    ...(tls ? ['--cafile CA.pem'] : []),
    ...proof(config, credentials),
    `-t ${sampleTopic(config, device, {}, 'plant1')} -m '{"temperature": 91.5}' -q 1`,
  ];
  return parts.join(' ');
}

function proof({ auth, tls }: Config, credentials: number): string[] {
  if (tls?.clientCertificates === 'require') return ['--cert CERT.pem --key KEY.pem'];
  if (credentials > 0) return ['-i NAME -u NAME -P SECRET'];
  return auth.jwt === undefined ? [] : ['-u NAME -P TOKEN'];
}
