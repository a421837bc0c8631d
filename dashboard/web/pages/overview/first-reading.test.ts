import { expect, it } from 'vitest';
import { firstReadings, sampleTopic } from './first-reading.ts';

it('fills every placeholder', () =>
  expect(sampleTopic('sensors/{site}/{hall}/{device}/{field}')).toBe('sensors/plant1/hall1/press-7/temperature'));

const here = (mqttUrl: string) => ({ mqttUrl, pageHost: 'localhost', asksWho: false });

it('the default topics at the default address', () => {
  const [mosquitto] = firstReadings(
    { template: 'sensors/{site}/{device}', format: 'json' },
    here('mqtt://127.0.0.1:1883'),
  );
  expect(mosquitto!.command).toBe(
    `mosquitto_pub -h 127.0.0.1 -q 1 -t sensors/plant1/press-7 -m '{"temperature": 71.5}'`,
  );
  // Nobody else reaches a loopback address.
  expect(mosquitto!.label).toBe('On this machine, with mosquitto-clients');
});

it('another port is named, and a bare value is bare', () => {
  const [mosquitto, , simulate] = firstReadings(
    { template: 'a/{device}/{field}', format: 'value' },
    here('mqtt://127.0.0.1:2883'),
  );
  expect(mosquitto!.command).toBe('mosquitto_pub -h 127.0.0.1 -p 2883 -q 1 -t a/press-7/temperature -m 71.5');
  expect(simulate!.command).toMatch(/ --url mqtt:\/\/127\.0\.0\.1:2883$/);
});

it.each([
  ['mqtt://10.0.0.5:2883', false, '-h 10.0.0.5 -p 2883'],
  ['mqtt://0.0.0.0:1883', false, '-h plant.lan'],
  ['mqtt://[::]:1883', false, '-h plant.lan'],
  ['mqtt://127.0.0.1:1883', true, '-h 127.0.0.1'],
  ['mqtts://10.0.0.5:8883', true, '-h 10.0.0.5 -p 8883 --cafile ca.pem'],
])('%s, credentials needed: %s: one comes first, and the address is one to be reached', (url, asksWho, address) => {
  const [credential, mosquitto, ...more] = firstReadings(
    { template: 'a/{device}', format: 'json' },
    { mqttUrl: url, pageHost: 'plant.lan', asksWho },
  );
  expect(credential!.command).toBe('npx millrace device add press-7');
  expect(mosquitto!.command).toBe(
    `mosquitto_pub ${address} -i press-7 -u press-7 -P SECRET -q 1 -t a/press-7 -m '{"temperature": 71.5}'`,
  );
  expect(more).toEqual([]);
});
