import type { Case } from './formats-under-test.ts';

/** For tests: messages of Shelly's devices, as its own pages show them. */
export const shellyCases: readonly Case[] = [
  // shelly-api-docs.shelly.cloud/gen1, "MQTT support" of each device; max_qos is 0 unless it is set.
  [
    'shelly-gen1',
    'shellies/shellyplug-s-1/relay/0/power',
    '14.32',
    [{ key: 'shellyplug-s-1', fields: { 'relay.0.power': 14.32 } }],
  ],
  ['shelly-gen1', 'shellies/shellyplug-s-1/relay/0', 'on', [{ fields: { 'relay.0': 'on' } }]],
  ['shelly-gen1', 'shellies/shellyem-B9E17C/emeter/0/voltage', '231.08', [{ fields: { 'emeter.0.voltage': 231.08 } }]],
  ['shelly-gen1', 'shellies/shellyht-1/sensor/temperature', '31.5', [{ fields: { 'sensor.temperature': 31.5 } }]],
  ['shelly-gen1', 'shellies/shellyflood-ABE866/sensor/flood', 'false', [{ fields: { 'sensor.flood': false } }]],
  ['shelly-gen1', 'shellies/shellyflood-ABE866/sensor/act_reasons', '["sensor"]', []],
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

  // shelly-api-docs.shelly.cloud/gen2/General/Notifications: NotifyStatus, examples 1 and 2; NotifyEvent.
  [
    'shelly-gen2',
    'shellypro4pm-f008d1d8b8b8/events/rpc',
    '{"src":"shellypro4pm-f008d1d8b8b8","dst":"shellypro4pm-f008d1d8b8b8/events","method":"NotifyStatus","params":{"ts":1631186545.04,"switch:0":{"id":0,"output":true,"source":"button"}}}',
    [
      {
        key: 'shellypro4pm-f008d1d8b8b8',
        timeUs: 1_631_186_545_040_000,
        fields: { 'switch:0.id': 0, 'switch:0.output': true, 'switch:0.source': 'button' },
      },
    ],
  ],
  [
    'shelly-gen2',
    'shellypro4pm-f008d1d8b8b8/events/rpc',
    '{"src":"shellypro4pm-f008d1d8b8b8","dst":"user_1","method":"NotifyStatus","params":{"ts":1624348482.25,"cloud":{"connected":false}}}',
    [{ timeUs: 1_624_348_482_250_000, fields: { 'cloud.connected': false } }],
  ],
  [
    'shelly-gen2',
    'shellyplus1pm-a8/events/rpc',
    '{"src":"shellyplus1pm-a8","dst":"shellyplus1pm-a8/events","method":"NotifyEvent","params":{"ts":1631266595.44,"events":[{"component":"input:0","id":0,"event":"single_push","ts":1631266595.44}]}}',
    [
      {
        timeUs: 1_631_266_595_440_000,
        fields: {
          'events.0.component': 'input:0',
          'events.0.id': 0,
          'events.0.event': 'single_push',
          'events.0.ts': 1_631_266_595.44,
        },
      },
    ],
  ],
  // What a Shelly Plus H&T says when it wakes up, before it has the time.
  [
    'shelly-gen2',
    'shellyplusht-b8d61a8b17cc/events/rpc',
    '{"src":"shellyplusht-b8d61a8b17cc","dst":"shellyplusht-b8d61a8b17cc/events","method":"NotifyFullStatus","params":{"ts":1680962879.62,"ble":{},"cloud":{"connected":false},"devicepower:0":{"id":0,"battery":{"V":0.43,"percent":0},"external":{"present":true}},"ht_ui":{},"humidity:0":{"id":0,"rh":42.2},"sys":{"mac":"B8D61A8B17CC","time":null,"unixtime":null,"uptime":3,"available_updates":{},"wakeup_reason":{"boot":"deepsleep_wake","cause":"status_update"}},"temperature:0":{"id":0,"tC":19.8,"tF":67.6}}}',
    [
      {
        key: 'shellyplusht-b8d61a8b17cc',
        timeUs: 1_680_962_879_620_000,
        fields: {
          'cloud.connected': false,
          'devicepower:0.id': 0,
          'devicepower:0.battery.V': 0.43,
          'devicepower:0.battery.percent': 0,
          'devicepower:0.external.present': true,
          'humidity:0.id': 0,
          'humidity:0.rh': 42.2,
          'sys.mac': 'B8D61A8B17CC',
          'sys.uptime': 3,
          'sys.wakeup_reason.boot': 'deepsleep_wake',
          'sys.wakeup_reason.cause': 'status_update',
          'temperature:0.id': 0,
          'temperature:0.tC': 19.8,
          'temperature:0.tF': 67.6,
        },
      },
    ],
  ],
  // shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices: Mqtt (status_ntf, topics), Switch, Sys; HT_UI has no status.
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
  ['shelly-gen2', 'shellyplus1pm-a8/status/ht_ui', '{}', []],
  ['shelly-gen2', 'shellyplus1pm-a8/online', 'true', [{ fields: { online: true } }]],
  ['shelly-gen2', 'shellyplus1pm-a8/online', 'false', [{ fields: { online: false } }]],
  ['shelly-gen2', 'shellyplus1pm-a8/rpc', '{"id":1,"method":"Switch.Set"}', []],
];
