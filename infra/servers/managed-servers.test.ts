import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInflux } from './influxd.ts';
import { startNats, type RunningNats } from './nats-server.ts';
import { resolveServer } from './resolve-server.ts';

let directory: string;
let nats: RunningNats;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-servers-'));
  nats = await startNats({ binary: await resolveServer('nats-server'), port: 0, directory: join(directory, 'nats') });
});
afterAll(async () => {
  await nats.stop();
  rmSync(directory, { recursive: true });
});

test('nats-server: each process may do what it needs, and only admins touch streams', async () => {
  const admin = await connect({ servers: nats.url, ...nats.users.admin });
  const ingest = await connect({ servers: nats.url, ...nats.users.ingest });
  const dashboard = await connect({ servers: nats.url, ...nats.users.dashboard });
  await (await admin.jetstreamManager()).streams.add({ name: 'LOG', subjects: ['log.*'] });
  const bucket = await admin.jetstream().views.kv('webhooks');

  expect((await ingest.jetstream().publish('log.0', 'x')).seq).toBe(1);
  await expect((await ingest.jetstreamManager()).streams.purge('LOG')).rejects.toThrow(/Permissions Violation/);
  await expect((await dashboard.jetstreamManager()).streams.delete('LOG')).rejects.toThrow(/Permissions Violation/);
  expect((await (await dashboard.jetstreamManager()).streams.info('LOG')).state.messages).toBe(1);
  const seen = await dashboard.jetstream().views.kv('webhooks', { bindOnly: true });
  await seen.put('ops', 'definition');
  expect((await bucket.get('ops'))?.string()).toBe('definition');
  await Promise.all([admin, ingest, dashboard].map((connection) => connection.close()));
});

test('nats-server: nobody enters without a password, which only the owner can read', async () => {
  await expect(connect({ servers: nats.url })).rejects.toThrow(/Authorization/i);
  expect(statSync(join(directory, 'nats', 'users.json')).mode & 0o077).toBe(0);
  expect(statSync(join(directory, 'nats', 'nats-server.conf')).mode & 0o077).toBe(0);
});

test('influxd keeps what it was given across a stop', async () => {
  const options = { binary: await resolveServer('influxd'), port: 0, directory: join(directory, 'influx') };
  const query = (url: string, q: string, method = 'GET') =>
    fetch(`${url}/query?${new URLSearchParams({ q, db: 'kept' }).toString()}`, { method }).then((answer) =>
      answer.text(),
    );
  const first = await startInflux(options);
  await query(first.url, 'CREATE DATABASE kept', 'POST');
  await fetch(`${first.url}/write?db=kept`, { method: 'POST', body: 'readings value=1 1' });
  await first.stop();
  const second = await startInflux(options);
  expect(await query(second.url, 'SELECT value FROM readings')).toContain(
    '"values":[["1970-01-01T00:00:00.000000001Z",1]]',
  );
  await second.stop();
});

test('a server that is already there is not taken for ours', async () => {
  const binary = await resolveServer('influxd');
  await expect(startInflux({ binary, port: nats.port, directory: join(directory, 'other') })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  });
});

test('a configured path must be the program it says', async () => {
  await expect(resolveServer('nats-server', { configured: process.execPath })).rejects.toMatchObject({
    code: 'SERVER_NOT_FOUND',
  });
});
