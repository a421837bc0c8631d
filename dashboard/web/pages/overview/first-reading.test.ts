import { expect, it } from 'vitest';
import { firstReadings, sampleTopic } from './first-reading.ts';

it('fills every placeholder', () =>
  expect(sampleTopic('sensors/{site}/{hall}/{device}/{field}')).toBe('sensors/plant1/hall1/press-7/temperature'));

it('the default topics at the default address', () => {
  const [mosquitto] = firstReadings({ template: 'sensors/{site}/{device}', format: 'json' }, 'mqtt://127.0.0.1:1883');
  expect(mosquitto!.command).toBe(
    `mosquitto_pub -h 127.0.0.1 -q 1 -t sensors/plant1/press-7 -m '{"temperature": 71.5}'`,
  );
  // Nobody else reaches a loopback address.
  expect(mosquitto!.label).toBe('On this machine, with mosquitto-clients');
});

it('another port is named, and a bare value is bare', () => {
  const [mosquitto, , simulate] = firstReadings(
    { template: 'a/{device}/{field}', format: 'value' },
    'mqtt://10.0.0.5:2883',
  );
  expect(mosquitto!.command).toBe('mosquitto_pub -h 10.0.0.5 -p 2883 -q 1 -t a/press-7/temperature -m 71.5');
  expect(mosquitto!.label).toBe('From any machine that has mosquitto-clients');
  expect(simulate!.command).toMatch(/ --url mqtt:\/\/10\.0\.0\.5:2883$/);
});
