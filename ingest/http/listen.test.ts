import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAsync } from 'mqtt';
import WebSocket from 'ws';
import { upgradeAllowed } from './origin.ts';
import { eventually, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';

let under: IngestUnderTest;

beforeAll(async () => void (under = await runIngest()));
afterAll(() => under[Symbol.asyncDispose]());

const url = (path = '/mqtt') => `ws://127.0.0.1:${under.ingest.httpPort}${path}`;

it('MQTT over WebSocket: a publish is acknowledged and in the log', async () => {
  const client = await connectAsync(url(), { clientId: 'browser', reconnectPeriod: 0 });
  const payload = Buffer.alloc(100_000, 7);
  await client.publishAsync('sensors/plant1/ws', payload, { qos: 1 });
  await client.publishAsync('sensors/plant1/ws', '2', { qos: 2 });
  await client.endAsync();
  const mine = () => under.publishes().filter((record) => record.client === 'browser');
  await eventually(() => expect(mine()).toHaveLength(2));
  expect(payload.equals(mine()[0]!.payload)).toBe(true);
  await eventually(() => expect(under.records.filter((r) => r.kind === 'disconnect' && r.clean)).toHaveLength(4));
});

it('a plain request says what this port is', async () => {
  const answer = await fetch(`http://127.0.0.1:${under.ingest.httpPort}/anything`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('/mqtt');
});

/** The HTTP status that refuses an upgrade. */
function refusalOf(address: string, protocols: string[], headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(address, protocols, { headers });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode!));
    socket.on('open', () => reject(new Error('accepted')));
    socket.on('error', () => {}); // follows the unexpected response
  });
}

it('upgrades elsewhere, of other protocols or from other pages are refused', async () => {
  expect(await refusalOf(url('/elsewhere'), ['mqtt'])).toBe(404);
  expect(await refusalOf(url(), ['chat'])).toBe(400);
  await under.counted('origin', async () =>
    expect(await refusalOf(url(), ['mqtt'], { origin: 'https://evil.example' })).toBe(403),
  );
});

it('text frames close the connection', async () => {
  const socket = new WebSocket(url(), ['mqtt']);
  socket.on('open', () => socket.send('hello'));
  await under.counted('malformed', () => eventually(() => expect(socket.readyState).toBe(WebSocket.CLOSED)));
});

describe('upgradeAllowed', () => {
  it.each([
    ['a program', { host: '127.0.0.1:8081' }, true],
    ['a page from here', { host: 'localhost:8081', origin: 'http://localhost:8081' }, true],
    ['a page from another port', { host: 'localhost:8081', origin: 'http://localhost:8080' }, false],
    ['a page from elsewhere', { host: 'localhost:8081', origin: 'https://evil.example' }, false],
    ['a sandboxed page', { host: 'localhost:8081', origin: 'null' }, false],
    ['a name somebody gave this machine', { host: 'evil.example:8081', origin: 'http://evil.example:8081' }, false],
    ['the configured name', { host: 'mill.local:8081' }, true],
    ['IPv6', { host: '[::1]:8081', origin: 'http://[::1]:8081' }, true],
    ['no host', {}, false],
  ])('%s: %j -> %s', (_, headers, allowed) => expect(upgradeAllowed(headers, 'mill.local')).toBe(allowed));
});
