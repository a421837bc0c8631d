import { expect, it } from 'vitest';
import type { FieldState } from '../../../events/device.ts';
import { noLife, presenceOf } from '../pipeline-under-test.ts';
import { matches, parseSearch } from './search.ts';

const field = (value: FieldState['value']): FieldState => ({ value, timeUs: 1, intervalUs: null });
const press = {
  state: {
    key: 'plant1/press-7',
    device: 'Press-7',
    tags: { site: 'plant1', line: 'bake 2' },
    presence: presenceOf('online'),
    life: { ...noLife, label: 'Big press' },
    fields: { temperature: field(91.5), open: field(true), firmware: field('2.4.1') },
  },
  inAlert: true,
};

it.each([
  ['', true],
  ['press', true],
  ['PLANT1', true],
  ['oven', false],
  ['press line:"bake 2"', true],
  ['line:bake', false],
  ['line:', true],
  ['hall:', false],
  ['device:press-7', true],
  ['temperature>91', true],
  ['temperature>91.5', false],
  ['temperature>=91.5', true],
  ['temperature<=91.5', true],
  ['temperature<91.5', false],
  ['temperature=91.5', true],
  ['Temperature=91.5', true],
  ['open=true', true],
  ['open=false', false],
  ['firmware=2.4.1', true],
  ['pressure>1', false],
  ['open>0', false],
  ['big', true],
  ['is:stale', false],
  ['is:offline', false],
  ['is:unknown', false],
  ['is:retired', false],
  ['is:online', true],
  ['is:alert', true],
  ['press is:stale', false],
] as const)('%j holds: %j', (text, expected) => {
  const search = parseSearch(text);
  expect(search.kind === 'terms' && matches(search.terms, press)).toBe(expected);
  expect(search).not.toHaveProperty('message');
});

it.each([
  ['temperature>', 'has no value'],
  ['temperature>warm', 'no number'],
  ['is:broken', 'is:broken'],
  [Array.from({ length: 21 }, (_, index) => `w${index}`).join(' '), '20 terms'],
])('%j is wrong: %s', (text, message) => {
  const search = parseSearch(text);
  expect(search.kind === 'wrong' && search.message).toContain(message);
});
