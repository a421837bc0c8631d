import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../config/schema.ts';
import { createStyle } from '../terminal/style.ts';
import { type Announced, announcement, logText } from './announcement.ts';
import { firstPublish } from './first-publish.ts';
import { reachOf } from './addresses.ts';
import { reachable } from './ports.ts';
import type { Servers } from './servers.ts';

const plain = createStyle(false);
const servers: Servers = {
  children: [],
  bus: { url: '', name: 'up' },
  environment: () => ({}),
  natsUrl: '',
  influxUrl: '',
  durability: 'power-loss',
  natsName: 'nats-server 2.15.1',
};
const config: Config = { ...configSchema.parse({}), data: join(process.cwd(), '.millrace') };

const announced = (more: Partial<Announced> = {}) =>
  announcement(plain, { config, servers, version: '0.1.0', isDemo: false, credentials: 0, ...more });

describe('announcement', () => {
  it('of the demo as designed', () => {
    expect(announced({ isDemo: true }).split('\n')).toEqual([
      '  millrace    0.1.0, data in .millrace/, 4 partitions',
      '  durability  survives kill -9 of any process and power loss (nats-server 2.15.1 syncs each write)',
      '',
      '  dashboard   http://127.0.0.1:8080',
      '  mqtt        mqtt://127.0.0.1:1883',
      `  try         mosquitto_pub -t sensors/plant1/press-7 -m '{"temperature": 91.5}' -q 1`,
      '',
    ]);
  });

  it('the line to try is for who begins, and for the demo', () => {
    expect(announced()).toContain('mosquitto_pub -t sensors/plant1/press-7');
    expect(announced({ credentials: 1 })).not.toContain('mosquitto_pub');
    const demo = announced({ isDemo: true, credentials: 1, config: { ...config, data: '.millrace/demo' } });
    expect(demo).toContain('-u NAME -P SECRET -t sensors/plant1/NAME');
    expect(demo).toContain('npx millrace device add NAME --data .millrace/demo');
  });

  it('what is bound everywhere is named by the addresses of the machine, the one for itself last', () => {
    const http = { ...config.http, host: '0.0.0.0' };
    const lines = announced({ config: { ...config, http } }).split('\n');
    const from = lines.findIndex((line) => line.startsWith('  dashboard '));
    const to = lines.findIndex((line) => line.startsWith('  mqtt '));
    const { hosts } = reachOf('0.0.0.0');
    expect(lines.slice(from, to).map((line) => line.slice(14))).toEqual(hosts.map((host) => `http://${host}:8080`));
    expect(hosts.at(-1)).toBe('127.0.0.1');
  });

  it.each([
    ['process', 'not power loss (nats-server 2.15.1 cannot sync each write)'],
    [null, 'as good as nats-server 2.15.1 syncs its writes'],
  ] as const)('durability %s', (durability, text) => {
    expect(announced({ servers: { ...servers, durability } })).toContain(text);
  });
});

describe('the first publish', () => {
  const tls = { cert: 'c', key: 'k', clientCertificates: 'none' } as const;
  const jwt = { ...config.auth, jwt: { issuer: 'i', audience: 'a', keys: 'k' } } as Config['auth'];
  const moved = { ...config, mqtt: { tls: 8883, host: '192.168.1.10', port: 2883 } };
  const rest = `-m '{"temperature": 91.5}' -q 1`;
  it.each<[string, Config, number, string]>([
    ['as it is', config, 0, `mosquitto_pub -t sensors/plant1/press-7 ${rest}`],
    ['elsewhere', moved, 0, `mosquitto_pub -h 192.168.1.10 -p 2883 -t sensors/plant1/press-7 ${rest}`],
    ['with credentials', config, 2, `mosquitto_pub -i NAME -u NAME -P SECRET -t sensors/plant1/NAME ${rest}`],
    ['with tokens', { ...config, auth: jwt }, 0, `mosquitto_pub -u NAME -P TOKEN -t sensors/plant1/NAME ${rest}`],
    [
      'with TLS and credentials',
      { ...config, tls },
      1,
      `mosquitto_pub -h 127.0.0.1 -p 8883 --cafile CA.pem -i NAME -u NAME -P SECRET -t sensors/plant1/NAME ${rest}`,
    ],
    [
      'with client certificates',
      { ...config, tls: { ...tls, clientCertificates: 'require' } },
      0,
      `mosquitto_pub -h 127.0.0.1 -p 8883 --cafile CA.pem --cert CERT.pem --key KEY.pem -t sensors/plant1/NAME ${rest}`,
    ],
  ])('%s', (_, given, credentials, expected) => expect(firstPublish(given, credentials)).toBe(expected));
});

it('how long the log lasts', () => {
  expect(logText(8 * 2 ** 30, 31_000, 240)).toBe('8.0 GiB hold about 3 d 4 h at 240/s');
});

it.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
  ['fd00::1', '[fd00::1]'],
  ['10.1.2.3', '10.1.2.3'],
])('what is bound to %s is reached at %s', (host, expected) => expect(reachable(host)).toBe(expected));
