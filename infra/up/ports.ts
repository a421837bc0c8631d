import type { Config } from '../config/schema.ts';
import { assertPortFree, freePort } from '../servers/ports.ts';

/**
 * Checks every port before anything is started or fetched, and gives those of 0 a free one.
 * @throws PORT_TAKEN with who holds it and what to set
 */
export async function withPorts(config: Config): Promise<Config> {
  const loopback = '127.0.0.1';
  const pick = async (port: number, host: string, setting: string) => {
    if (port === 0) return freePort();
    await assertPortFree(port, host, setting);
    return port;
  };
  const { mqtt, http, ingestHttp, nats, influx } = config;
  return {
    ...config,
    mqtt: {
      ...mqtt,
      port: await pick(mqtt.port, mqtt.host, 'MILLRACE_MQTT_PORT or mqtt.port'),
      tls: config.tls ? await pick(mqtt.tls, mqtt.host, 'MILLRACE_MQTTS_PORT or mqtt.tls') : mqtt.tls,
    },
    http: { ...http, port: await pick(http.port, http.host, 'MILLRACE_HTTP_PORT or http.port') },
    ingestHttp: {
      ...ingestHttp,
      port: await pick(ingestHttp.port, ingestHttp.host, 'MILLRACE_INGEST_HTTP_PORT or ingestHttp.port'),
    },
    nats: nats.url ? nats : { ...nats, port: await pick(nats.port, loopback, 'MILLRACE_NATS_PORT or nats.port') },
    influx: influx.url
      ? influx
      : { ...influx, port: await pick(influx.port, loopback, 'MILLRACE_INFLUX_PORT or influx.port') },
  };
}

/** Where a client on this machine reaches what is bound to `host`. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
