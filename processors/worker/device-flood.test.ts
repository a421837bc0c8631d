import { expect, it } from 'vitest';
import { testConfig } from '../test-log.ts';
import { DeviceFlood, varyingLevel } from './device-flood.ts';

const times = Array.from({ length: 40 }, (_, i) => `sensors/plant/17000000${i}`);

it.each<[string, string[], object | null]>([
  ['a time in the last level', times, { at: 2, distinct: 40, example: '1700000039' }],
  ['one in the middle', ['a/1/x', 'a/2/x', 'a/3/y'], { at: 1, distinct: 3, example: '3' }],
  ['nothing stands out', ['a/1', 'a/1', 'b/1', 'a/2', 'b/2'], null],
  ['no topic', [], null],
])('%s', (_what, topics, level) => expect(varyingLevel(topics)).toEqual(level));

it('says it once while it lasts, names the level, and ends when nothing was refused for long', () => {
  const said: (string | null)[] = [];
  const flood = new DeviceFlood(3, { set: (code, text) => said.push(code === 'too-many-devices-3' ? text : code) });
  const { topics } = testConfig({});
  const known = { devices: { count: 40, page: () => times.map((topic) => ({ topic })) } };
  const refused = { quarantined: [{ reason: 'too-many-devices', topic: 'sensors/plant/1800000000' }] } as never;
  const none = { quarantined: [] };
  flood.look(none, known, topics, 0);
  flood.look(refused, known, topics, 1);
  flood.look(refused, known, topics, 2);
  flood.look(none, known, topics, 300_002);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    /40 devices.*sensors\/plant\/1800000000.*Level 3 \(\{device\}\) .* has 41 values in 41 topics/s,
  );
  flood.look(none, known, topics, 300_003);
  expect(said.at(-1)).toBeNull();
});
