import { expect, it } from 'vitest';
import type { AuditEntry } from '../../events/audit.ts';
import { strangerMs, Strangers, strangersMax } from './strangers.ts';

const entry = (what: string, about: Partial<AuditEntry> = {}): AuditEntry => ({
  atUs: 0,
  what,
  who: '',
  by: '',
  address: '10.0.0.9',
  client: '',
  topic: '',
  reason: '',
  folded: 0,
  ...about,
});
const known = (name: string) => name === 'kitchen';

it.each([
  ['shows nothing', [entry('no-credential', { client: 'a' })], 1],
  ['again and again', [entry('no-credential', { client: 'a' }), entry('no-credential', { client: 'a' })], 1],
  ['two without client ids, of one address', [entry('no-credential'), entry('no-credential')], 1],
  ['a name that no credential has', [entry('bad-credential', { client: 'a', who: 'old-broker' })], 1],
  ['a wrong or revoked secret of a name that is known', [entry('bad-credential', { client: 'a', who: 'kitchen' })], 0],
  ['something else', [entry('topic-publish', { client: 'a' }), entry('revoked', { client: 'b' })], 0],
])('%s', (_, entries, expected) => {
  const strangers = new Strangers(known);
  for (const one of entries) strangers.note(one, 0);
  expect(strangers.count(0)).toBe(expected);
});

it('counts for a minute after the last time', () => {
  const strangers = new Strangers(known);
  strangers.note(entry('no-credential', { client: 'a' }), 0);
  strangers.note(entry('no-credential', { client: 'b' }), 10);
  strangers.note(entry('no-credential', { client: 'a' }), 20);
  expect(strangers.count(strangerMs + 9)).toBe(2);
  expect(strangers.count(strangerMs + 10)).toBe(1);
  expect(strangers.count(strangerMs + 20)).toBe(0);
});

it('a flood of made-up names is bounded', () => {
  const strangers = new Strangers(known);
  for (let n = 0; n < strangersMax + 50; n++) strangers.note(entry('no-credential', { client: `c${n}` }), n);
  expect(strangers.count(strangersMax)).toBe(strangersMax);
});
