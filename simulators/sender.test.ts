import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CredentialAdmin } from '../infra/access/credential-admin.ts';
import { eventually, runIngest, type IngestUnderTest } from '../test/running-ingest.ts';
import type { Publication } from './publication.ts';
import { Sender } from './sender.ts';

let under: IngestUnderTest;
beforeAll(async () => void (under = await runIngest()));
afterAll(() => under[Symbol.asyncDispose]());

const publication = (device: number): Publication => ({
  device,
  topic: `sensors/plant1/d${device}`,
  key: `plant1/d${device}`,
  timeUs: 1,
  fields: { a: 1 },
  dueMs: 0,
  faults: [],
});

/** So long that a test which waited for it would not end. */
const forEverMs = 3_600_000;

describe('a fleet whose broker asks for credentials from now on', () => {
  let sender: Sender;
  const leaving = new AbortController();
  beforeAll(async () => {
    const url = `mqtt://127.0.0.1:${under.ingest.mqttPort}`;
    sender = await Sender.open({ url, connections: 3, name: 'plant' }, leaving.signal);
  });
  afterAll(() => sender.close());

  it('is settled when all is acknowledged', async () => {
    for (const device of [0, 1, 2]) await sender.send(publication(device));
    await sender.settled(forEverMs, false);
    expect(sender.acknowledged).toBe(3);
  });

  it('waits for nobody who is refused when it ends', async () => {
    const admin = await CredentialAdmin.open(under.bus, () => Date.now() * 1_000);
    await admin.add({ name: 'kitchen', tags: { site: 'home' } }, { by: 'test', address: '' }, 0);
    await eventually(() => expect(sender.connected).toBe(0));
    for (const device of [0, 1, 2]) await sender.send(publication(device));
    await sender.settled(forEverMs, true);
    expect(sender).toMatchObject({ published: 6, acknowledged: 3 });
  });

  it('that begins then is told what to give', async () => {
    const url = `mqtt://plant:wrong@127.0.0.1:${under.ingest.mqttPort}`;
    await expect(Sender.open({ url, connections: 1, name: 'late' }, leaving.signal)).rejects.toThrow(
      /^The broker at mqtt:\/\/plant:\*\*\*@127\.0\.0\.1:\d+ refuses us .*Give --url 'mqtt:\/\/name:secret@/,
    );
  });

  it('and is counted by ingest', () =>
    expect(under.ingest.report()).toMatchObject({ asksWho: true, unknown: { connected: 0, refused: 4 } }));
});
