import { expect, it } from 'vitest';
import { parseClientMessage } from './client-message.ts';

const many = JSON.stringify({
  type: 'subscribe',
  devices: Array.from({ length: 201 }, (_, i) => `d${i}`),
  alerts: true,
});

const none = { devices: [], groups: [] };
const watching = (devices: unknown) =>
  JSON.stringify({ type: 'subscribe', devices: [], alerts: true, windows: { devices, groups: ['fleet'] } });

it.each([
  ['{"type":"subscribe","devices":["*"],"alerts":true}', { devices: 'all', alerts: true, windows: none }],
  [
    '{"type":"subscribe","devices":["b","a","b"],"alerts":false}',
    { devices: ['a', 'b'], alerts: false, windows: none },
  ],
  ['{"type":"subscribe","devices":[],"alerts":true}', { devices: [], alerts: true, windows: none }],
  [watching(['b', 'a', 'b']), { devices: [], alerts: true, windows: { devices: ['a', 'b'], groups: ['fleet'] } }],
  [watching(Array.from({ length: 20 }, (_, i) => `d${i}`)), null],
  [watching('a'), null],
  [watching([7]), null],
  ['{"type":"subscribe","devices":[],"alerts":true,"windows":null}', null],
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
