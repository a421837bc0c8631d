import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { expectReadings, sectionsOf, take, utc, type Case } from './formats-under-test.ts';
import { logStartUs } from './test-log.ts';

/** Each format, under the configuration that docs/formats.md gives for it. */
const cases: readonly Case[] = [
  [
    'json',
    'ttn/plant/up',
    '{"received_at": "2026-07-01T09:59:00Z", "meta": {"line": "bake"}, "data": {"readings": [{"id": "a", "values": {"t": 1, "x": 2}}, {"id": "b", "values": {"t": 3}}]}}',
    [
      {
        key: 'plant/a',
        device: 'a',
        tags: { application: 'plant', line: 'bake' },
        timeUs: utc('2026-07-01T09:59:00Z'),
        fields: { temperature: 1 },
      },
      { key: 'plant/b', device: 'b', fields: { temperature: 3 } },
    ],
  ],
  [
    'value',
    'home/bath/fan/speed/left',
    '3',
    [{ key: 'bath/fan', tags: { room: 'bath' }, fields: { 'speed.left': 3 } }],
  ],
  [
    'csv',
    'loggers/plant1',
    '2026-07-01 11:59:00;L1;bake;21,5;40\n2026-07-01 11:59:00;L2;cut;20;\n',
    [
      {
        key: 'plant1/L1',
        device: 'L1',
        tags: { site: 'plant1', line: 'bake' },
        timeUs: utc('2026-07-01T09:59:00Z'),
        fields: { temperature: 21.5, humidity: 40 },
      },
      { key: 'plant1/L2', fields: { temperature: 20 } },
    ],
  ],
  [
    'senml-json',
    'senml/gw',
    '[{"bn": "urn:dev:ow:10e2073a01080063:", "n": "voltage", "u": "V", "v": 120.1}, {"n": "current", "t": -5, "u": "A", "v": 1.2}]',
    [
      {
        key: 'gw/urn%3Adev%3Aow%3A10e2073a01080063',
        device: 'urn:dev:ow:10e2073a01080063',
        fields: { voltage: 120.1 },
      },
      { timeUs: logStartUs - 5e6, fields: { current: 1.2 } },
    ],
  ],
  [
    'senml-cbor',
    'senml/gw',
    encode([
      new Map<number, unknown>([
        [-2, 'press-7/'],
        [0, 'temp'],
        [2, 21.5],
      ]),
    ]),
    [{ key: 'gw/press-7', device: 'press-7', fields: { temp: 21.5 } }],
  ],
  [
    'line-protocol',
    'telegraf/plant1',
    'cpu,cpu=cpu0,host=web1 usage_idle=90 1782899999\ncpu,cpu=cpu1,host=web1 usage_idle=80 1782899999\nair,host=web1,room=a co2=400i 1782899999',
    [
      {
        key: 'plant1/web1%2Ccpu%3Dcpu0',
        tags: { site: 'plant1', host: 'web1', cpu: 'cpu0' },
        timeUs: 1_782_899_999e6,
        fields: { 'cpu.usage_idle': 90 },
      },
      { key: 'plant1/web1%2Ccpu%3Dcpu1', fields: { 'cpu.usage_idle': 80 } },
      { key: 'plant1/web1', tags: { room: 'a' }, fields: { 'air.co2': 400 } },
    ],
  ],
  // InfluxDB's own topics are there with any configuration.
  [
    'value',
    'influx/telegraf/ms',
    'mem,host=web1 used=5 1782899999000',
    [{ key: 'telegraf/web1', timeUs: 1_782_899_999e6, tags: { bucket: 'telegraf', host: 'web1' } }],
  ],
  [
    'value',
    'influx/telegraf',
    'weather,location=us temperature=82',
    [{ key: 'telegraf/influx%2Clocation%3Dus', fields: { 'weather.temperature': 82 } }],
  ],
  ['availability', 'plant/press-7/status', '{"link": "down"}', [{ key: 'press-7', fields: { online: false } }]],
  ['availability', 'plant/press-7/status', 'up', [{ fields: { online: true } }]],
  ['drop', 'plant/press-7/set', 'anything', []],
  ['drop', 'plant/press-7', '{"t": 1}', [{ key: 'press-7', fields: { t: 1 } }]],
];

it.each(cases)('%s: %s %s', (...one) => expectReadings(one));

it('every one on the page is tried', () => {
  expect(
    [...sectionsOf('Payload formats').keys()].filter((section) => !cases.some(([tried]) => tried === section)),
  ).toEqual([]);
});

describe('what is quarantined', () => {
  it.each<[section: string, topic: string, payload: string, reason: string, detail: string]>([
    ['json', 'ttn/plant/up', '{"data": {}}', 'wrong-shape', 'nothing stands at "data.readings"'],
    [
      'json',
      'ttn/plant/up',
      '{"data": {"readings": [{"values": {"t": 1}}]}}',
      'no-device',
      'neither the topic nor the payload',
    ],
    ['csv', 'loggers/plant1', '1;2', 'malformed', 'reading 1 of the payload has 2 cells'],
    ['senml-json', 'senml/gw', '[{"n": "a"}]', 'malformed', 'record 1'],
    ['line-protocol', 'telegraf/plant1', 'cpu usage=1 5\n', 'no-device', 'neither'],
    ['line-protocol', 'telegraf/plant1', 'cpu,host=a usage', 'malformed', 'line 1: a field is not written'],
    ['availability', 'plant/press-7/status', 'sideways', 'malformed', '"sideways" is neither "up" nor "down"'],
    ['zigbee2mqtt', 'zigbee2mqtt/lamp', 'ON', 'not-json', 'not valid JSON'],
    ['tasmota', 'tele/plug-3/UPTIME', '{}', 'no-template', ''],
    ['tasmota', 'tele/plug-3/SENSOR', '{"Time":"1970-01-01T00:00:10","t":1}', 'clock-unset', ''],
  ])('%s: %s %s', (section, topic, payload, reason, detail) => {
    expect(take(section, [topic, payload]).quarantined).toMatchObject([
      { reason, detail: expect.stringContaining(detail) as string },
    ]);
  });
});
