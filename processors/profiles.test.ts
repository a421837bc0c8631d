import { expect, it } from 'vitest';
import { expectReadings, sectionsOf, take, utc, type Case } from './formats-under-test.ts';

/** Each profile, with messages as the products' own pages show them. */
const cases: readonly Case[] = [
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
  [
    'tasmota',
    'tele/ir/RESULT',
    '{"IrReceived":{"Protocol":"NEC","Bits":32,"Data":"0x00FF00FF"}}',
    [{ key: 'ir', fields: { 'IrReceived.Protocol': 'NEC', 'IrReceived.Bits': 32, 'IrReceived.Data': '0x00FF00FF' } }],
  ],
  ['tasmota', 'tele/plug-3/HASS_STATE', '{"Version":"9.1.0"}', []],
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
  [
    'shelly-gen2',
    'shellyplus1pm-a8/status/sys',
    '{"mac":"A8032ABE54DC","restart_required":false,"time":"09:59","unixtime":1782899999,"uptime":11081,"available_updates":{}}',
    [
      {
        timeUs: 1_782_899_999_000_000,
        fields: {
          'sys.mac': 'A8032ABE54DC',
          'sys.restart_required': false,
          'sys.time': '09:59',
          'sys.uptime': 11_081,
        },
      },
    ],
  ],
  [
    'shelly-gen2',
    'shellyplus1pm-a8/status/sys',
    '{"time":null,"unixtime":null,"uptime":3}',
    [{ fields: { 'sys.uptime': 3 } }],
  ],
  ['shelly-gen2', 'shellyplus1pm-a8/status/ble', '{}', []],
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

it.each(cases)('%s: %s %s', (...one) => expectReadings(one));

it('every one on the page is tried', () => {
  expect([...sectionsOf('Profiles').keys()].filter((section) => !cases.some(([tried]) => tried === section))).toEqual(
    [],
  );
});

it('presence is told with the reading', () => {
  const { arrivals } = take('tasmota', ['tele/plug-3/LWT', 'Offline'], ['stat/plug-3/RESULT', '{"POWER":"ON"}']);
  expect(arrivals.map(({ payload }) => payload.presence)).toEqual(['offline', undefined]);
});
