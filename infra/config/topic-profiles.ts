import { z } from 'zod';
import { timeZoneProblem } from './time-zones.ts';
import type { TopicConfig } from './topic-schema.ts';

/** One line for all topics of a product. It is expanded when the file is read: versions hold ordinary topics. */

const levels = z
  .string()
  .regex(/^[^{}#+\0]+$/, 'must be levels of a topic, without placeholders')
  .optional();

const profiles = {
  zigbee2mqtt: z.strictObject({
    profile: z.literal('zigbee2mqtt').describe('Zigbee2MQTT: devices and their availability'),
    base: levels.describe('its base_topic; default zigbee2mqtt'),
  }),
  tasmota: z.strictObject({
    profile: z.literal('tasmota').describe('Tasmota: telemetry, states and last wills'),
    base: levels.describe('levels before %prefix% in its FullTopic; default none'),
    timezone: z
      .string()
      .check(({ value, issues }) => {
        const problem = timeZoneProblem(value);
        if (problem !== '') issues.push({ code: 'custom', path: [], message: problem, input: value });
      })
      .optional()
      .describe("of the devices' local times, such as Europe/Berlin; default UTC"),
  }),
  shellyGen1: z.strictObject({
    profile: z.literal('shelly-gen1').describe('Shelly, first generation'),
    base: levels.describe('default shellies'),
  }),
  shellyGen2: z.strictObject({
    profile: z.literal('shelly-gen2').describe('Shelly, second generation and later: notifications and status'),
    base: levels.describe('levels before the device in its MQTT prefix; default none'),
  }),
  homeAssistant: z.strictObject({
    profile: z
      .literal('home-assistant')
      .describe('availability topics as Home Assistant has them: online, offline; its discovery is dropped'),
    base: levels.describe('levels before the device; default home'),
  }),
  sparkplug: z.strictObject({
    profile: z.literal('sparkplug').describe('Sparkplug B: edge nodes, their devices, and host applications'),
  }),
};

export const profile = z.discriminatedUnion('profile', [
  profiles.zigbee2mqtt,
  profiles.tasmota,
  profiles.shellyGen1,
  profiles.shellyGen2,
  profiles.homeAssistant,
  profiles.sparkplug,
]);

type Profile = z.output<typeof profile>;

/** The topics that a profile stands for, first match first. */
export function expandProfile(one: Profile): TopicConfig[] {
  switch (one.profile) {
    case 'zigbee2mqtt':
      return zigbee2mqtt(one.base ?? 'zigbee2mqtt');
    case 'tasmota':
      return tasmota(one.base === undefined ? '' : `${one.base}/`, one.timezone);
    case 'shelly-gen1':
      return shellyGen1(one.base ?? 'shellies');
    case 'shelly-gen2':
      return shellyGen2(one.base === undefined ? '' : `${one.base}/`);
    case 'home-assistant':
      return homeAssistant(one.base ?? 'home');
    case 'sparkplug':
      return [
        { template: 'spBv1.0/STATE/{device}', format: 'json', time: 'timestamp' },
        { template: 'spBv1.0/{group}/{message}/{node}', format: 'sparkplug' },
        { template: 'spBv1.0/{group}/{message}/{node}/{device}', format: 'sparkplug' },
      ];
  }
}

const drop = (template: string): TopicConfig => ({ template, format: 'drop' });

/**
 * https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html: names of devices may hold slashes, what is
 * asked of a device (`set`, `get`) and of the bridge is no reading. With nothing but `last_seen` a message says no field.
 */
function zigbee2mqtt(base: string): TopicConfig[] {
  return [
    drop(`${base}/bridge/{field...}`),
    { template: `${base}/{device...}/availability`, format: 'availability' },
    drop(`${base}/{device...}/set`),
    drop(`${base}/{device...}/get`),
    drop(`${base}/{device}/set/{field...}`),
    drop(`${base}/{device}/get/{field...}`),
    { template: `${base}/{device...}`, format: 'json', time: 'last_seen', arrays: 'index', empty: 'drop' },
  ];
}

/**
 * https://tasmota.github.io/docs/MQTT/: `Time` is local and has no offset; what is asked of a device is no reading. A
 * `%topic%` may hold slashes, and a Zigbee bridge puts its devices below its own (`SetOption89`).
 */
function tasmota(base: string, timezone: string | undefined): TopicConfig[] {
  const json = {
    format: 'json',
    time: 'Time',
    ...(timezone === undefined ? {} : { timezone }),
    arrays: 'index',
  } as const;
  const lwt = { payloadAvailable: 'Online', payloadNotAvailable: 'Offline' };
  return [
    { template: `${base}tele/{device...}/SENSOR`, ...json },
    { template: `${base}tele/{device...}/STATE`, ...json },
    { template: `${base}tele/{device...}/LWT`, format: 'availability', ...lwt },
    // What comes by infrared, radio or Zigbee.
    { template: `${base}tele/{device...}/RESULT`, ...json },
    { template: `${base}stat/{device...}/RESULT`, ...json },
    { template: `${base}stat/{device...}/STATUS8`, ...json, readings: 'StatusSNS' },
    { template: `${base}stat/{device...}/STATUS10`, ...json, readings: 'StatusSNS' },
    { template: `${base}stat/{device...}/STATUS11`, ...json, readings: 'StatusSTS' },
    ...['INFO1', 'INFO2', 'INFO3', 'HASS_STATE'].map((last) => drop(`${base}tele/{device...}/${last}`)),
    drop(`${base}stat/{device...}/{field}`),
    drop(`${base}cmnd/{device...}/{field}`),
    drop('tasmota/discovery/{device}/{field}'),
  ];
}

/**
 * https://www.home-assistant.io/integrations/mqtt/, "Using availability topics" and "MQTT discovery": what products announce
 * of themselves under `homeassistant/` is no reading.
 */
function homeAssistant(base: string): TopicConfig[] {
  return [{ template: `${base}/{device...}/availability`, format: 'availability' }, drop('homeassistant/{field...}')];
}

/** https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support: one topic a value, and what the device is in `announce`, `info`. */
function shellyGen1(base: string): TopicConfig[] {
  const online = { payloadAvailable: 'true', payloadNotAvailable: 'false' };
  return [
    drop(`${base}/announce`),
    drop(`${base}/command`),
    { template: `${base}/{device}/online`, format: 'availability', ...online },
    drop(`${base}/{device}/announce`),
    drop(`${base}/{device}/info`),
    // Why a device on batteries woke up: a list.
    drop(`${base}/{device}/sensor/act_reasons`),
    drop(`${base}/{device...}/command`),
    drop(`${base}/{device...}/set`),
    { template: `${base}/{device}/{field...}`, format: 'value', objects: 'fields' },
  ];
}

/** https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt: notifications name components as status topics do. */
function shellyGen2(base: string): TopicConfig[] {
  const online = { payloadAvailable: 'true', payloadNotAvailable: 'false' };
  return [
    { template: `${base}{device}/events/rpc`, format: 'json', readings: 'params', arrays: 'index', empty: 'drop' },
    // The `time` of `sys` is a clock's face (16:06); other components say none. Those without a state (ble) say `{}`.
    { template: `${base}{device}/status/{field...}`, format: 'json', time: 'unixtime', arrays: 'index', empty: 'drop' },
    { template: `${base}{device}/online`, format: 'availability', ...online },
    drop(`${base}{device}/rpc`),
    drop(`${base}{device}/command`),
    drop(`${base}{device}/command/{field...}`),
    drop(`${base}{device}/debug/log`),
  ];
}
