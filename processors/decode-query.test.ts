import { expect, it } from 'vitest';
import { decodeVerdicts } from './decode-query.ts';
import { logStartUs, testConfig } from './test-log.ts';

const config = testConfig({ transforms: [{ name: 'no-debug', drop: ['ignored'] }] });
const verdicts = (topic: string, payload: string, part: number | null = null) =>
  decodeVerdicts(config, {
    nowUs: logStartUs + 1e6,
    publishes: [{ topic, payload: Buffer.from(payload).toString('base64'), receivedAtUs: logStartUs, part }],
  })[0]!.map((verdict) => {
    if (verdict.kind === 'reading') return [verdict.reading.timeUs - logStartUs, verdict.reading.fields];
    return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
  });

it.each<[string, string, string, number | null, unknown[]]>([
  ['a reading at its arrival', 'sensors/a/b', '{"t":1}', null, [[0, { t: 1 }]]],
  ['a reading at its own time', 'sensors/a/b', `{"t":1,"time":${logStartUs + 5}}`, null, [[5, { t: 1 }]]],
  ['what a transform leaves nothing of', 'sensors/a/b', '{"ignored":1}', null, ['filtered']],
  ['no template', 'elsewhere', '{"t":1}', null, ['no-template']],
  ['a clock ahead', 'sensors/a/b', `{"t":1,"time":${logStartUs + 1e9}}`, null, ['clock-ahead']],
  [
    'several, one of them refused',
    'sensors/a/b',
    '[{"t":1},{"t":[]},{"t":3}]',
    null,
    [[0, { t: 1 }], [2, { t: 3 }], 'wrong-shape'],
  ],
  ['one of several', 'sensors/a/b', '[{"t":1},{"t":[]},{"t":3}]', 2, [[2, { t: 3 }]]],
  ['one that is not there', 'sensors/a/b', '{"t":1}', 3, ['no-such-part']],
])('%s', (_what, topic, payload, part, expected) => expect(verdicts(topic, payload, part)).toEqual(expected));

it('each is judged for itself: equal ones are no duplicates of each other', () => {
  const one = { topic: 'sensors/a/b', payload: btoa('{"t":1}'), receivedAtUs: logStartUs, part: null };
  const answers = decodeVerdicts(config, { nowUs: logStartUs, publishes: [one, one] });
  expect(answers.map((list) => list.map(({ kind }) => kind))).toEqual([['reading'], ['reading']]);
});
