import { expect, it } from 'vitest';
import { decodeAnswer, encodeCommand } from './command-payload.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const content = { id: 'c1', command: 'set' };

it.each([
  ['json', undefined, '{"id":"c1","command":"set"}'],
  ['json', { level: 3 }, '{"id":"c1","command":"set","payload":{"level":3}}'],
  ['json', 'on', '{"id":"c1","command":"set","payload":"on"}'],
  ['raw', undefined, ''],
  ['raw', 'on', 'on'],
  ['raw', { level: 3 }, '{"level":3}'],
] as const)('%s with %j is %s', (format, payload, expected) =>
  expect(text(encodeCommand(format, { ...content, payload }))).toBe(expected),
);

it.each([
  ['{"id":"c1"}', null, { id: 'c1', isDone: true, detail: '' }],
  ['{"id":"c1","ok":false,"message":"busy"}', null, { id: 'c1', isDone: false, detail: 'busy' }],
  ['done', 'c2', { id: 'c2', isDone: true, detail: '' }],
  ['{"id":"c1","ok":false}', 'c2', { id: 'c2', isDone: false, detail: '' }],
  ['done', null, null],
  ['null', null, null],
  ['{"id":7}', null, null],
] as const)('the answer %s under id %s', (payload, topicId, expected) =>
  expect(decodeAnswer(new TextEncoder().encode(payload), topicId)).toEqual(expected),
);
