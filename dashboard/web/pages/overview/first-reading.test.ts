import { expect, it } from 'vitest';
import { firstReadings, sampleTopic } from './first-reading.ts';

it('fills every placeholder', () =>
  expect(sampleTopic('sensors/{site}/{hall}/{device}/{field}')).toBe('sensors/plant1/hall1/press-7/temperature'));

it('the default topics at the default address', () => {
  const [mosquitto] = firstReadings(
    { template: 'sensors/{site}/{device}', format: 'json' },
    'mqtt://127.0.0.1:1883',
    'localhost',
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
    'mqtt://127.0.0.1:2883',
    'localhost',
  );
  expect(mosquitto!.command).toBe('mosquitto_pub -h 127.0.0.1 -p 2883 -q 1 -t a/press-7/temperature -m 71.5');
  expect(simulate!.command).toMatch(/ --url mqtt:\/\/127\.0\.0\.1:2883$/);
});

it.each([
  ['mqtt://10.0.0.5:2883', '-h 10.0.0.5 -p 2883'],
  ['mqtt://0.0.0.0:1883', '-h plant.lan'],
  ['mqtt://[::]:1883', '-h plant.lan'],
])('beyond this machine (%s) a credential comes first, and the address is one to be reached', (url, address) => {
  const [credential, mosquitto, ...more] = firstReadings({ template: 'a/{device}', format: 'json' }, url, 'plant.lan');
  expect(credential!.command).toBe('npx millrace device add press-7');
  expect(mosquitto!.command).toBe(
    `mosquitto_pub ${address} -i press-7 -u press-7 -P SECRET -q 1 -t a/press-7 -m '{"temperature": 71.5}'`,
  );
  expect(more).toEqual([]);
});
