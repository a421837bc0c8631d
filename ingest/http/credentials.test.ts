import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { presentedBy } from './credentials.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

it.each([
  ['nothing', undefined, '', {}],
  ['Basic', `Basic ${base64('ann:s:ecret')}`, '', { username: 'ann', password: 's:ecret' }],
  ['Basic in any case', `bASIC ${base64('ann:')}`, '', { username: 'ann', password: '' }],
  ['Bearer', 'Bearer abc.def', '', { token: 'abc.def' }],
  ['Token of InfluxDB 2', 'Token abc', '', { token: 'abc' }],
  ['Token of InfluxDB 1.8', 'Token ann:secret', '', { token: 'ann:secret', username: 'ann', password: 'secret' }],
  ['parameters of InfluxDB 1', undefined, 'u=ann&p=s%3D', { username: 'ann', password: 's=' }],
  ['a header before parameters', 'Token abc', 'u=ann&p=x', { token: 'abc' }],
  ['another scheme', 'Digest x', '', {}],
])('%s', (_, authorization, query, expected) => {
  const request = { headers: { authorization }, socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage;
  expect(presentedBy(request, new URLSearchParams(query))).toEqual({ ...expected, address: '127.0.0.1' });
});
