import { expect, it } from 'vitest';
import { expectReadings, sectionsOf, take, utc, type Case } from './formats-under-test.ts';
import { shellyCases } from './shelly-under-test.ts';

/** Each profile, with messages as the products' own pages and sources show them: which, stands above each group. */
const cases: readonly Case[] = [
  // zigbee2mqtt.io, guide/usage/mqtt_topics_and_messages: FRIENDLY_NAME (WSDCGQ01LM, LED1545G12, WXKG01LM), set, get, bridge.
  [
    'zigbee2mqtt',
    'zigbee2mqtt/0x00158d0001',
    '{"temperature":27.34,"humidity":44.72}',
    [{ key: '0x00158d0001', fields: { temperature: 27.34, humidity: 44.72 } }],
  ],
  [
    'zigbee2mqtt',
    'zigbee2mqtt/kitchen/floor_light',
    '{"state":"ON","brightness":215,"color_temp":325}',
    [
      {
        device: 'kitchen/floor_light',
        key: 'kitchen%2Ffloor_light',
        fields: { state: 'ON', brightness: 215, color_temp: 325 },
      },
    ],
  ],
  ['zigbee2mqtt', 'zigbee2mqtt/button', '{"action":"single"}', [{ fields: { action: 'single' } }]],
  ['zigbee2mqtt', 'zigbee2mqtt/kitchen/floor_light/set', '{"state":"ON","brightness":255}', []],
  ['zigbee2mqtt', 'zigbee2mqtt/lamp/set/state', 'ON', []],
  ['zigbee2mqtt', 'zigbee2mqtt/lamp/get', '{"state":""}', []],
  ['zigbee2mqtt', 'zigbee2mqtt/bridge/state', '{"state":"online"}', []],
  [
    'zigbee2mqtt',
    'zigbee2mqtt/bridge/logging',
    '{"level":"info","message":"Zigbee: allowing new devices to join."}',
    [],
  ],
  ['zigbee2mqtt', 'zigbee2mqtt/bridge/devices', '[{"ieee_address":"0x00158d00018255df"}]', []],
  ['zigbee2mqtt', 'zigbee2mqtt/bridge/response/permit_join', '{"data":{"value":true},"status":"ok"}', []],
  // The same, guide/configuration/device-availability, "Availability payload": both forms. Version 2 sends JSON.
  [
    'zigbee2mqtt',
    'zigbee2mqtt/kitchen/floor_light/availability',
    '{"state":"online"}',
    [{ device: 'kitchen/floor_light', fields: { online: true } }],
  ],
  ['zigbee2mqtt', 'zigbee2mqtt/lamp/availability', 'offline', [{ device: 'lamp', fields: { online: false } }]],
  // Koenkk/zigbee2mqtt 2.12.1, lib/extension/availability.ts: of a device that was renamed (from a bridge: not retained).
  ['zigbee2mqtt', 'zigbee2mqtt/lamp/availability', '', []],
  // The same, lib/util/utils.ts, formatDate: the three forms of last_seen.
  ...['"2026-07-01T09:59:00.250Z"', '"2026-07-01T11:59:00.250+02:00"', '1782899940250'].map((lastSeen): Case => [
    'zigbee2mqtt',
    'zigbee2mqtt/door',
    `{"contact":true,"linkquality":96,"last_seen":${lastSeen}}`,
    [{ timeUs: utc('2026-07-01T09:59:00.250Z'), fields: { contact: true, linkquality: 96 } }],
  ]),
  ['zigbee2mqtt', 'zigbee2mqtt/door', '{"last_seen":"2026-07-01T09:59:00.250Z"}', []],

  // tasmota.github.io/docs, Peripherals: PZEM-0XX ("ENERGY" with several values of Current), AM2301/DS18x20 (SENSOR).
  [
    'tasmota',
    'tele/plug-3/SENSOR',
    '{"Time":"2026-07-01T11:59:00","ENERGY":{"Total":3.185,"Yesterday":3.058,"Today":0.127,"Power":0,"Current":[1.320,2.100]},"DS18B20":{"Id":"030597946B04","Temperature":20.9},"TempUnit":"C"}',
    [
      {
        key: 'plug-3',
        timeUs: utc('2026-07-01T09:59:00Z'),
        fields: {
          'ENERGY.Total': 3.185,
          'ENERGY.Yesterday': 3.058,
          'ENERGY.Today': 0.127,
          'ENERGY.Power': 0,
          'ENERGY.Current.0': 1.32,
          'ENERGY.Current.1': 2.1,
          'DS18B20.Id': '030597946B04',
          'DS18B20.Temperature': 20.9,
          TempUnit: 'C',
        },
      },
    ],
  ],
  // The same, ADC ("Vcc" in STATE).
  [
    'tasmota',
    'tele/plug-3/STATE',
    '{"Time":"2026-07-01T11:59:00","Uptime":"0T18:36:12","UptimeSec":66972,"Vcc":3.423,"Heap":28,"SleepMode":"Dynamic","Sleep":50,"LoadAvg":19,"MqttCount":6,"POWER":"OFF","Wifi":{"AP":1,"SSId":"Tasmota","BSSId":"00:00:00:00:00:00","Channel":13,"RSSI":100,"LinkCount":1,"Downtime":"0T00:00:06"}}',
    [
      {
        key: 'plug-3',
        timeUs: utc('2026-07-01T09:59:00Z'),
        fields: {
          Uptime: '0T18:36:12',
          UptimeSec: 66_972,
          Vcc: 3.423,
          Heap: 28,
          SleepMode: 'Dynamic',
          Sleep: 50,
          LoadAvg: 19,
          MqttCount: 6,
          POWER: 'OFF',
          'Wifi.AP': 1,
          'Wifi.SSId': 'Tasmota',
          'Wifi.BSSId': '00:00:00:00:00:00',
          'Wifi.Channel': 13,
          'Wifi.RSSI': 100,
          'Wifi.LinkCount': 1,
          'Wifi.Downtime': '0T00:00:06',
        },
      },
    ],
  ],
  // The same, MQTT: "LWT Topic", "Command flow"; arendst/Tasmota, xdrv_02_9_mqtt.ino, CmndTopic and MqttConnected.
  ['tasmota', 'tele/plug-3/LWT', 'Online', [{ key: 'plug-3', fields: { online: true } }]],
  ['tasmota', 'tele/plug-3/LWT', 'Offline', [{ key: 'plug-3', fields: { online: false } }]],
  ['tasmota', 'stat/plug-3/RESULT', '{"POWER":"ON"}', [{ key: 'plug-3', fields: { POWER: 'ON' } }]],
  ['tasmota', 'stat/plug-3/POWER', 'ON', []],
  ['tasmota', 'cmnd/plug-3/POWER', '', []],
  ['tasmota', 'cmnd/plug-3/POWER', 'TOGGLE', []],
  [
    'tasmota',
    'tele/plug-3/INFO1',
    '{"Module":"Generic","Version":"7.0.0.3(tasmota)","FallbackTopic":"cmnd/DVES_15568C_fb/","GroupTopic":"cmnd/sonoffs/"}',
    [],
  ],
  // The same, Bluetooth (STATUS8 with two sensors), Codes-for-IR-Remotes (NEC), Buttons-and-Switches (SetOption73).
  [
    'tasmota',
    'stat/plug-3/STATUS8',
    '{"StatusSNS":{"Time":"2026-07-01T11:59:49","Flora-6ab577":{"Temperature":21.7,"Illuminance":21},"TempUnit":"C"}}',
    [
      {
        timeUs: utc('2026-07-01T09:59:49Z'),
        fields: { 'Flora-6ab577.Temperature': 21.7, 'Flora-6ab577.Illuminance': 21, TempUnit: 'C' },
      },
    ],
  ],
  [
    'tasmota',
    'tele/sonoffir/RESULT',
    '{"IrReceived":{"Protocol":"NEC","Bits":32,"Data":"0x00FF00FF"}}',
    [
      {
        key: 'sonoffir',
        fields: { 'IrReceived.Protocol': 'NEC', 'IrReceived.Bits': 32, 'IrReceived.Data': '0x00FF00FF' },
      },
    ],
  ],
  ['tasmota', 'stat/wall/RESULT', '{"Button1":{"Action":"SINGLE"}}', [{ fields: { 'Button1.Action': 'SINGLE' } }]],
  // The same, Commands: ZbDeviceTopic (SetOption89), a topic below the bridge's own.
  [
    'tasmota',
    'tele/Zigbee/5ADF/SENSOR',
    '{"ZbReceived":{"0x5ADF":{"Dimmer":254,"Endpoint":1,"LinkQuality":70}}}',
    [
      {
        device: 'Zigbee/5ADF',
        fields: {
          'ZbReceived.0x5ADF.Dimmer': 254,
          'ZbReceived.0x5ADF.Endpoint': 1,
          'ZbReceived.0x5ADF.LinkQuality': 70,
        },
      },
    ],
  ],

  ...shellyCases,

  // home-assistant.io/integrations/mqtt: "Using availability topics", "MQTT discovery" (topics), "Birth and last will messages".
  [
    'home-assistant',
    'home/bedroom/lamp/availability',
    'online',
    [{ device: 'bedroom/lamp', fields: { online: true } }],
  ],
  ['home-assistant', 'home/lamp/availability', 'offline', [{ key: 'lamp', fields: { online: false } }]],
  ['home-assistant', 'homeassistant/binary_sensor/garden/config', '{"name":null,"device_class":"motion"}', []],
  ['home-assistant', 'homeassistant/status', 'online', []],
];

it.each(cases)('%s: %s %s', (...one) => expectReadings(one));

it('every one on the page is tried', () => {
  expect([...sectionsOf('Profiles').keys()].filter((section) => !cases.some(([tried]) => tried === section))).toEqual(
    [],
  );
});

it('what only clears a retained message is no reading', () => {
  const cleared = (topic: string, retain: boolean) =>
    take('zigbee2mqtt', [topic, '', { retain }]).quarantined.map(({ reason }) => reason);
  expect(cleared('zigbee2mqtt/lamp', true)).toEqual([]);
  expect(cleared('zigbee2mqtt/lamp', false)).toEqual(['not-json']);
  expect(cleared('other/lamp', true)).toEqual(['no-template']);
});

it('presence is told with the reading', () => {
  const { arrivals } = take('tasmota', ['tele/plug-3/LWT', 'Offline'], ['stat/plug-3/RESULT', '{"POWER":"ON"}']);
  expect(arrivals.map(({ payload }) => payload.presence)).toEqual(['offline', undefined]);
});
