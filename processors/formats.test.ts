import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkout } from '../infra/setup/checkout.ts';
import { createIntake } from './intake.ts';
import type { Step } from './step.ts';
import { logOf, logStartUs, publish, stepsOf, testConfig } from './test-log.ts';

/** The configurations of docs/formats.md, by heading: each format and profile is tried with what the page says of it. */
const sections = new Map(
  readFileSync(join(checkout, 'docs/formats.md'), 'utf8')
    .split(/^#+ /m)
    .map((text) => [text.split('\n')[0]!, /```yaml\n([\s\S]*?)```/.exec(text)?.[1]] as const)
    .filter((section): section is [string, string] => section[1] !== undefined),
);

function take(section: string, ...publishes: [topic: string, payload: string | Uint8Array][]): Step {
  const config = testConfig(parse(sections.get(section)!));
  const records = publishes.map(([topic, payload], i) => publish(topic, payload, { packetId: i + 1 }));
  const { operator } = createIntake({ config, partition: 0, partitions: 1 });
  return stepsOf(operator, logOf([1, ...records]))[0]!;
}

const utc = (text: string) => Date.parse(text) * 1e3;

/** Messages as the specifications and the products' own pages show them. */
const cases: [section: string, topic: string, payload: string | Uint8Array, expected: object[]][] = [
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

  [
    'zigbee2mqtt',
    'zigbee2mqtt/0x00158d0001',
    '{"temperature":27.34,"humidity":44.72,"last_seen":"2026-07-01T09:59:00.250Z"}',
    [{ key: '0x00158d0001', timeUs: utc('2026-07-01T09:59:00.250Z'), fields: { temperature: 27.34, humidity: 44.72 } }],
  ],
  [
    'zigbee2mqtt',
    'zigbee2mqtt/kitchen/floor_light',
    '{"state":"ON","brightness":215,"color_temp":325,"update":{"state":"idle"}}',
    [
      {
        device: 'kitchen/floor_light',
        key: 'kitchen%2Ffloor_light',
        fields: { state: 'ON', brightness: 215, color_temp: 325, 'update.state': 'idle' },
      },
    ],
  ],
  [
    'zigbee2mqtt',
    'zigbee2mqtt/kitchen/floor_light/availability',
    '{"state":"online"}',
    [{ device: 'kitchen/floor_light', fields: { online: true } }],
  ],
  ['zigbee2mqtt', 'zigbee2mqtt/lamp/availability', 'offline', [{ device: 'lamp', fields: { online: false } }]],
  ['zigbee2mqtt', 'zigbee2mqtt/kitchen/floor_light/set', '{"state":"OFF"}', []],
  ['zigbee2mqtt', 'zigbee2mqtt/lamp/get/state', '', []],
  ['zigbee2mqtt', 'zigbee2mqtt/bridge/devices', '[{"ieee_address":"0x1"}]', []],
  ['zigbee2mqtt', 'zigbee2mqtt/bridge/response/device/rename', '{}', []],

  [
    'tasmota',
    'tele/plug-3/SENSOR',
    '{"Time":"2026-07-01T11:59:00","ENERGY":{"Total":3.185,"Power":[10,20],"Voltage":230},"DHT11":{"Temperature":23.0,"Humidity":37.0},"TempUnit":"C"}',
    [
      {
        key: 'plug-3',
        timeUs: utc('2026-07-01T09:59:00Z'),
        fields: {
          'ENERGY.Total': 3.185,
          'ENERGY.Power.0': 10,
          'ENERGY.Power.1': 20,
          'ENERGY.Voltage': 230,
          'DHT11.Temperature': 23,
          'DHT11.Humidity': 37,
          TempUnit: 'C',
        },
      },
    ],
  ],
  [
    'tasmota',
    'tele/plug-3/STATE',
    '{"Time":"2026-07-01T11:59:00","Uptime":"0T00:10:11","UptimeSec":611,"POWER":"OFF","Wifi":{"AP":1,"RSSI":44}}',
    [{ key: 'plug-3', fields: { Uptime: '0T00:10:11', UptimeSec: 611, POWER: 'OFF', 'Wifi.AP': 1, 'Wifi.RSSI': 44 } }],
  ],
  ['tasmota', 'tele/plug-3/LWT', 'Online', [{ key: 'plug-3', fields: { online: true } }]],
  ['tasmota', 'tele/plug-3/LWT', 'Offline', [{ key: 'plug-3', fields: { online: false } }]],
  ['tasmota', 'stat/plug-3/RESULT', '{"POWER":"ON"}', [{ key: 'plug-3', fields: { POWER: 'ON' } }]],
  [
    'tasmota',
    'stat/plug-3/STATUS10',
    '{"StatusSNS":{"Time":"2026-07-01T11:59:49","DHT11":{"Temperature":23.0}}}',
    [{ timeUs: utc('2026-07-01T09:59:49Z'), fields: { 'DHT11.Temperature': 23 } }],
  ],
  ['tasmota', 'stat/plug-3/POWER', 'ON', []],
  ['tasmota', 'cmnd/plug-3/POWER', 'TOGGLE', []],
  ['tasmota', 'tele/plug-3/INFO1', '{"Info1":{"Module":"Sonoff"}}', []],

  [
    'shelly-gen1',
    'shellies/shellyplug-s-1/relay/0/power',
    '14.32',
    [{ key: 'shellyplug-s-1', fields: { 'relay.0.power': 14.32 } }],
  ],
  ['shelly-gen1', 'shellies/shellyplug-s-1/relay/0', 'on', [{ fields: { 'relay.0': 'on' } }]],
  ['shelly-gen1', 'shellies/shellyplug-s-1/temperature', '31.5', [{ fields: { temperature: 31.5 } }]],
  [
    'shelly-gen1',
    'shellies/shellyi3-1/input_event/0',
    '{"event":"S","event_cnt":2}',
    [{ fields: { 'input_event.0.event': 'S', 'input_event.0.event_cnt': 2 } }],
  ],
  ['shelly-gen1', 'shellies/shellyplug-s-1/online', 'true', [{ fields: { online: true } }]],
  ['shelly-gen1', 'shellies/shellyplug-s-1/online', 'false', [{ fields: { online: false } }]],
  ['shelly-gen1', 'shellies/shellyplug-s-1/relay/0/command', 'off', []],
  ['shelly-gen1', 'shellies/shellyplug-s-1/announce', '{"id":"shellyplug-s-1"}', []],
  ['shelly-gen1', 'shellies/announce', '{"id":"shellyplug-s-1"}', []],

  [
    'shelly-gen2',
    'shellyplus1pm-a8/events/rpc',
    '{"src":"shellyplus1pm-a8","dst":"shellyplus1pm-a8/events","method":"NotifyStatus","params":{"ts":1782899999.44,"switch:0":{"id":0,"apower":8.9,"output":true}}}',
    [
      {
        key: 'shellyplus1pm-a8',
        timeUs: 1_782_899_999_440_000,
        fields: { 'switch:0.id': 0, 'switch:0.apower': 8.9, 'switch:0.output': true },
      },
    ],
  ],
  [
    'shelly-gen2',
    'shellyplus1pm-a8/events/rpc',
    '{"src":"shellyplus1pm-a8","dst":"shellyplus1pm-a8/events","method":"NotifyEvent","params":{"ts":1782899999.44,"events":[{"component":"input:0","id":0,"event":"single_push","ts":1782899999.44}]}}',
    [
      {
        timeUs: 1_782_899_999_440_000,
        fields: {
          'events.0.component': 'input:0',
          'events.0.id': 0,
          'events.0.event': 'single_push',
          'events.0.ts': 1_782_899_999.44,
        },
      },
    ],
  ],
  [
    'shelly-gen2',
    'shellyplus1pm-a8/status/switch:0',
    '{"id":0,"source":"init","output":false,"apower":0.0,"voltage":224.8,"temperature":{"tC":53.3}}',
    [
      {
        fields: {
          'switch:0.id': 0,
          'switch:0.source': 'init',
          'switch:0.output': false,
          'switch:0.apower': 0,
          'switch:0.voltage': 224.8,
          'switch:0.temperature.tC': 53.3,
        },
      },
    ],
  ],
  ['shelly-gen2', 'shellyplus1pm-a8/online', 'true', [{ fields: { online: true } }]],
  ['shelly-gen2', 'shellyplus1pm-a8/online', 'false', [{ fields: { online: false } }]],
  ['shelly-gen2', 'shellyplus1pm-a8/rpc', '{"id":1,"method":"Switch.Set"}', []],

  [
    'home-assistant',
    'home/bedroom/lamp/availability',
    'online',
    [{ device: 'bedroom/lamp', fields: { online: true } }],
  ],
  ['home-assistant', 'home/lamp/availability', 'offline', [{ key: 'lamp', fields: { online: false } }]],
];

describe('what docs/formats.md says', () => {
  it.each(cases)('%s: %s', (section, topic, payload, expected) => {
    const { readings, quarantined, filtered, received } = take(section, [topic, payload]);
    expect(quarantined).toEqual([]);
    expect(readings).toMatchObject(expected);
    expect(readings.map(({ fields }) => Object.keys(fields).length)).toEqual(
      expected.map((one) => Object.keys((one as { fields?: object }).fields ?? { any: 1 }).length),
    );
    // What is dropped is counted, of no device.
    expect(filtered).toEqual(
      expected.length > 0 ? [] : [{ key: null, transform: null, origin: { partition: 0, sequence: 1, index: 0 } }],
    );
    expect(received).toBe(readings.length + filtered.length);
  });

  it('every format and profile is tried', () => {
    expect([...sections.keys()].filter((section) => !cases.some(([tried]) => tried === section))).toEqual([]);
  });
});

describe('what is quarantined', () => {
  it.each<[section: string, topic: string, payload: string, reason: string, detail: string]>([
    ['json', 'ttn/plant/up', '{"data": {}}', 'not-json', 'nothing stands at "data.readings"'],
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

it('presence is told with the reading', () => {
  const { arrivals } = take('tasmota', ['tele/plug-3/LWT', 'Offline'], ['stat/plug-3/RESULT', '{"POWER":"ON"}']);
  expect(arrivals.map(({ payload }) => payload.presence)).toEqual(['offline', undefined]);
});
