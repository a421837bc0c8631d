import { expect, it } from 'vitest';
import { parseClientMessage } from './client-message.ts';

const many = JSON.stringify({
  type: 'subscribe',
  devices: Array.from({ length: 201 }, (_, i) => `d${i}`),
  alerts: true,
});

it.each([
  ['{"type":"subscribe","devices":["*"],"alerts":true}', { devices: 'all', alerts: true }],
  ['{"type":"subscribe","devices":["b","a","b"],"alerts":false}', { devices: ['a', 'b'], alerts: false }],
  ['{"type":"subscribe","devices":[],"alerts":true}', { devices: [], alerts: true }],
  ['', null],
  ['null', null],
  ['[]', null],
  ['{"type":"other","devices":[],"alerts":true}', null],
  ['{"type":"subscribe","devices":"*","alerts":true}', null],
  ['{"type":"subscribe","devices":[1],"alerts":true}', null],
  ['{"type":"subscribe","devices":[]}', null],
  [many, null],
] as const)('%s', (text, subscription) => {
  const message = parseClientMessage(text);
  expect(message.kind === 'subscribe' ? message.subscription : null).toEqual(subscription);
});
