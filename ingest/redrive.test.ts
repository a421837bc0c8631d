import { expect, it } from 'vitest';
import type { PassedRecord, PublishRecord } from '../events/record.ts';
import { redrivePerRequestMax, type RedriveAnswer, type RedriveTarget } from '../events/redrive.ts';
import { subjects } from '../events/subjects.ts';
import { requestCore } from '../infra/bus/core.ts';
import { connectBus, type Bus } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';
import { lastMessage } from '../infra/bus/stream-message.ts';
import { readStream } from '../infra/bus/stream-reader.ts';
import { decodeRecords, encodeRecords } from '../events/record-codec.ts';
import { purgeBefore } from '../infra/bus/streams.ts';
import { eventually, runIngest, type IngestUnderTest } from '../test/running-ingest.ts';

/** Where the first publish with this payload stands. */
async function originOf(bus: Bus, payload: string): Promise<RedriveTarget['origin']> {
  const stop = new AbortController();
  const options = { stream: 'LOG', subject: 'log.*', after: 0, signal: stop.signal, onGap: () => {} };
  for await (const { sequence, data, subject } of readStream(bus, options)) {
    const index = decodeRecords(data).findIndex(
      (record) => record.kind === 'publish' && Buffer.from(record.payload).toString() === payload,
    );
    if (index < 0) continue;
    stop.abort();
    return { partition: Number(subject.slice('log.'.length)), sequence, index };
  }
  throw new Error(`${payload} is not in the log`);
}

const plain = (record: PublishRecord) => ({ ...record, payload: [...record.payload], redriven: undefined });

async function redrive(under: IngestUnderTest, targets: readonly RedriveTarget[]): Promise<RedriveAnswer> {
  // As the dashboard asks: its rights are what a request needs.
  await using bus = await connectBus(under.nats.busOptions('dashboard', 'dashboard'));
  const data = await requestCore(bus, subjects.redrive, JSON.stringify({ targets }), 5_000);
  return JSON.parse(Buffer.from(data).toString()) as RedriveAnswer;
}

it('a record is appended as it was, marked with what it is there again for, however often', async () => {
  await using under = await runIngest();
  const client = await under.client({ clientId: 'press' });
  await client.publishAsync('elsewhere/press', 'one', { qos: 1, retain: true });
  await eventually(() => expect(under.publishes()).toHaveLength(1));
  const origin = await originOf(under.bus, 'one');

  expect(await redrive(under, [{ origin, several: false, by: 'worker' }])).toEqual({ results: ['appended'] });
  await eventually(() => expect(under.publishes()).toHaveLength(2));
  const [first, second] = under.publishes();
  expect(plain(second!)).toEqual(plain(first!));
  expect(second!.redriven).toEqual({ ...origin, part: null, by: 'worker' });

  // Of the redriven record, a reading of several: it names the sensor's own record all the same.
  const again = { ...origin, sequence: origin.sequence + 1 };
  const found = under.records.indexOf(second!);
  expect(found).toBeGreaterThan(0);
  const targets: RedriveTarget[] = [];
  for (let sequence = again.sequence; sequence < again.sequence + 40; sequence++)
    for (const index of [0, 1])
      targets.push({ origin: { ...again, sequence, index, part: 2 }, several: true, by: 'storage' });
  const { results } = await redrive(under, targets);
  expect(results.filter((result) => result === 'appended')).toHaveLength(1);
  await eventually(() => expect(under.publishes()).toHaveLength(3));
  expect(under.publishes()[2]!.redriven).toEqual({ ...origin, part: 2, by: 'storage' });
});

it('what was passed on from another partition stays decoded, in the partition of its device', async () => {
  await using under = await runIngest();
  const client = await under.client();
  await client.publishAsync('elsewhere/press', 'one', { qos: 1 });
  const { partition: own } = await originOf(under.bus, 'one');
  const partition = own === 0 ? 1 : 0;
  const passed: PassedRecord = {
    kind: 'passed',
    from: { partition: own, sequence: 1, index: 0 },
    record: under.publishes()[0]!,
    as: { key: 'plant1/old', device: 'old', tags: {}, ownTimeUs: null, fields: { t: 1 } },
  };
  const publisher = createLogPublisher(under.bus, { producer: 'pass-test' });
  const sequence = await publisher.publish(partition, encodeRecords([passed]), 1);
  publisher.close();
  const origin = { partition, sequence, index: 0 };
  expect(await redrive(under, [{ origin, several: false, by: 'worker' }])).toEqual({ results: ['appended'] });
  const found = await eventually(async () => {
    const last = await lastMessage(under.bus, 'LOG', subjects.log(partition));
    const again = decodeRecords(last!.data).find((record) => record.kind === 'passed' && record.from === null);
    expect(again).toBeDefined();
    return again as PassedRecord;
  });
  expect(found.as).toEqual(passed.as);
  expect(found.record).toMatchObject({ redriven: { ...origin, part: null, by: 'worker' } });
});

it('what the log no longer holds, or never held, is gone; a request too large is not answered', async () => {
  await using under = await runIngest();
  const client = await under.client();
  await client.publishAsync('elsewhere/press', 'one', { qos: 1 });
  const origin = await originOf(under.bus, 'one');
  await client.publishAsync('elsewhere/press', 'two', { qos: 1 });
  await purgeBefore(under.bus, 'LOG', (await originOf(under.bus, 'two')).sequence);
  const target: RedriveTarget = { origin, several: false, by: 'worker' };
  const never = { ...target, origin: { ...origin, sequence: 999_999 } };
  expect(await redrive(under, [target, never])).toEqual({ results: ['gone', 'gone'] });
  const many = Array.from({ length: redrivePerRequestMax + 1 }, () => target);
  await expect(redrive(under, many)).rejects.toThrow('No answer');
}, 20_000);
