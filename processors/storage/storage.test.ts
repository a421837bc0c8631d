import { describe, expect, it } from 'vitest';
import { emptyLedger } from '../../events/ledger.ts';
import type { DerivedReading } from '../../events/reading.ts';
import { encodeRecords } from '../../events/record-codec.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { partitionOf } from '../../events/topics.ts';
import type { WindowResult } from '../../events/window.ts';
import { createFencedWriter } from '../../infra/bus/fenced-writer.ts';
import { eventually, nowMs, partitions, publish, readings, storageUnderTest, total } from './storage-under-test.ts';

const pipeline = storageUnderTest();
const { start, append, select, quarantined } = pipeline;

describe('readings', () => {
  it('are stored with the tags of their topic, and the ledger says so', async () => {
    const running = await start();
    const { ledger } = running;
    await append(
      publish('sensors/plant1/press-7', { temperature: 91.5, on: true, state: 'run', time: nowMs }),
      publish('sensors/plant2/press-7/temperature', '20.5'),
      publish('sensors/plant1/press-7', 'no json'),
      publish('sensors/plant1/press-7', { temperature: 91.5, on: true, state: 'run', time: nowMs }),
    );
    await eventually(() =>
      expect(total(running)).toEqual({ ...emptyLedger, received: 4, stored: 2, quarantined: 1, duplicate: 1 }),
    );
    expect(await select("SELECT * FROM readings WHERE site = 'plant1' GROUP BY *")).toEqual([
      { device: 'press-7', site: 'plant1', time: nowMs * 1000, temperature: 91.5, on: 1, state_text: 'run' },
    ]);
    expect(await select("SELECT temperature FROM readings WHERE site = 'plant2'")).toMatchObject([
      { temperature: 20.5 },
    ]);
    expect(ledger('plant1/press-7')).toEqual({ ...emptyLedger, received: 3, stored: 1, quarantined: 1, duplicate: 1 });
    expect(ledger('plant2/press-7')).toEqual({ ...emptyLedger, received: 1, stored: 1 });
    expect(ledger('plant3/press-7')).toBeNull();
    // The worker has put what cannot be decoded into quarantine; storage only counts it.
    expect(await quarantined()).toEqual([]);
  });

  it('that come without a time in one millisecond stay apart', async () => {
    const running = await start();
    const receivedAtUs = Date.now() * 1000;
    await append(...Array.from({ length: 300 }, (_, i) => publish('sensors/s/d/v', `${i}`, { receivedAtUs })));
    await eventually(() => expect(total(running).stored).toBe(300));
    expect(await select('SELECT count(v) AS n, sum(v) AS s FROM readings')).toMatchObject([{ n: 300, s: 44_850 }]);
  });

  it('that InfluxDB refuses are in quarantine, and the others stored', async () => {
    const running = await start();
    // Somebody else has made a string of what millrace writes as a number.
    await eventually(() => expect(running.report().influxError).toBe(''));
    await eventually(async () => expect(await select('SHOW RETENTION POLICIES')).not.toEqual([]));
    const path = `/write?db=${pipeline.database}&rp=readings`;
    const line = `readings,device=x odd="text" ${nowMs}000000`;
    await pipeline.influxConnection().send('POST', path, line, new AbortController().signal);
    const month = 31 * 86_400_000;
    await append(
      ...readings(2, 100),
      publish('sensors/s/bad', { time: nowMs, odd: 1 }),
      publish('sensors/s/old', { time: nowMs - month, v: 1 }),
    );
    await eventually(() =>
      expect(total(running)).toEqual({ ...emptyLedger, received: 202, stored: 200, quarantined: 2 }),
    );
    expect(running.ledger('s/bad')).toEqual({ ...emptyLedger, received: 1, quarantined: 1 });
    await eventually(async () => {
      const found = await quarantined();
      expect(found.map(({ reason }) => reason).toSorted()).toEqual(['beyond-retention', 'storage-refused']);
      expect(found.find(({ reason }) => reason === 'storage-refused')).toMatchObject({
        topic: 'sensors/s/bad',
        key: 's/bad',
        client: 'c',
        detail: expect.stringContaining('field type conflict'),
        firstBytes: Buffer.from(JSON.stringify({ time: nowMs, odd: 1 })).toString('base64'),
      });
    });
  });

  it('a batch that ingest sent twice counts once', async () => {
    const running = await start();
    const batch = encodeRecords([publish('sensors/s/d0', { time: nowMs, v: 1 })]);
    const partition = partitionOf('s/d0', partitions);
    await pipeline.publisher.publish(partition, batch, 1_000_000);
    // Past JetStream's own memory of message ids, as after more than its window.
    await pipeline.bus.jetstream.publish(subjects.log(partition), batch, { headers: await headersOf(partition) });
    await pipeline.publisher.publish(
      partition,
      encodeRecords([publish('sensors/s/d0', { time: nowMs + 1, v: 2 })]),
      1_000_001,
    );
    await eventually(() => expect(total(running)).toEqual({ ...emptyLedger, received: 2, stored: 2 }));
  });
});

/** The headers of the log's last message, without its message id. */
async function headersOf(partition: number) {
  const stored = await pipeline.bus.manager.streams.getMessage(streams.log, { last_by_subj: subjects.log(partition) });
  stored.header.delete('Nats-Msg-Id');
  return stored.header;
}

describe('results', () => {
  const origin = { partition: 0, sequence: 1, index: 0 };
  const device = { key: 'plant1/press-7', device: 'press-7', tags: { site: 'plant1' }, origin };

  it('windows are stored under the policy of their length, derived readings beside the readings', async () => {
    const hour = 3_600_000_000;
    const hourStart = Math.floor((nowMs * 1000) / hour) * hour;
    const aggregates = { count: 2, min: 1, max: 3, mean: 2, sum: 4, first: 1, last: 3, stddev: 1, revision: 0 };
    const window = (name: string, lengthUs: number): WindowResult => ({
      ...device,
      ...aggregates,
      window: name,
      field: 'temperature',
      startUs: hourStart,
      endUs: hourStart + lengthUs,
    });
    const derived: DerivedReading = { ...device, processor: 'example', timeUs: nowMs * 1000, fields: { smooth: 2.5 } };
    const windows = await createFencedWriter(pipeline.bus, {
      stream: streams.windows,
      subject: subjects.windows(0),
      pendingMax: 10,
    });
    const deriveds = await createFencedWriter(pipeline.bus, {
      stream: streams.derived,
      subject: subjects.derived(1),
      pendingMax: 10,
    });
    windows.write(1, [
      window('1m', 60_000_000),
      window('1h', hour),
      { ...window('1m', 60_000_000), startUs: 0, endUs: 60_000_000 },
    ]);
    // Its revisions, of one message and of later ones: the last stays.
    windows.write(2, [
      { ...window('1m', 60_000_000), revision: 1, count: 3 },
      { ...window('1m', 60_000_000), revision: 2, count: 4 },
      { ...window('run', hour), varies: true },
    ]);
    windows.write(3, [{ ...window('1m', 60_000_000), revision: 3, count: 5 }]);
    deriveds.write(1, [derived]);
    const running = await start();
    const stored = {
      window: '1h',
      device: 'press-7',
      field: 'temperature',
      site: 'plant1',
      time: hourStart,
      ...aggregates,
    };
    await eventually(async () => {
      expect(await select('SELECT * FROM rollups.windows GROUP BY *')).toEqual([stored]);
      expect(await select('SELECT * FROM windows.windows GROUP BY *')).toEqual([
        { ...stored, window: '1m', revision: 3, count: 5 },
        { ...stored, window: 'run' },
      ]);
      expect(await select('SELECT * FROM readings GROUP BY *')).toEqual([
        { device: 'press-7', site: 'plant1', processor: 'example', time: nowMs * 1000, smooth: 2.5 },
      ]);
    });
    await running.stop();
    const positions = running.positions().filter(({ position, stream }) => position > 0 && stream !== streams.log);
    expect(positions.map(({ subject }) => subject).toSorted()).toEqual(['derived.1', 'windows.0']);
  });
});
