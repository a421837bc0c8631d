import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { createStyle } from '../terminal/style.ts';
import { announcement, logText } from './announcement.ts';
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
const config = { ...configSchema.parse({}), data: join(process.cwd(), '.millrace') };

describe('announcement', () => {
  it('of the demo as designed', () => {
    expect(announcement(plain, config, servers, '0.1.0', true).split('\n')).toEqual([
      '  millrace    0.1.0, data in .millrace/, 4 partitions',
      '  durability  survives kill -9 of any process and power loss (nats-server 2.15.1 syncs each write)',
      '',
      '  dashboard   http://127.0.0.1:8080',
      '  mqtt        mqtt://127.0.0.1:1883',
      `  try         mosquitto_pub -t sensors/plant1/press-7 -m '{"temperature": 91.5}' -q 1`,
      '',
    ]);
  });

  it('of another port says it in the command', () => {
    const moved = { ...config, mqtt: { tls: 8883, host: '0.0.0.0', port: 2883 } };
    expect(announcement(plain, moved, servers, '0.1.0', true)).toContain('mosquitto_pub -h 127.0.0.1 -p 2883 -t');
    expect(announcement(plain, moved, servers, '0.1.0', false)).not.toContain('mosquitto_pub');
    expect(announcement(plain, moved, servers, '0.1.0', false)).toContain(
      'mqtt://127.0.0.1:2883, and at every address of this machine\n',
    );
  });

  it.each([
    ['process', 'not power loss (nats-server 2.15.1 cannot sync each write)'],
    [null, 'as good as nats-server 2.15.1 syncs its writes'],
  ] as const)('durability %s', (durability, text) => {
    expect(announcement(plain, config, { ...servers, durability }, '0.1.0', false)).toContain(text);
  });
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
