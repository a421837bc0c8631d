import { describe, expect, it } from 'vitest';
import { purgeBefore, streamInfo } from '../../infra/bus/streams.ts';
import { eventually, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';

const body = (device: string, text = 'x') => JSON.stringify({ device, tags: { site: 'plant1' }, fields: { text } });
const post = (under: IngestUnderTest, device: string, text?: string) =>
  under.request('/api/v1/readings', { method: 'POST', body: body(device, text) });
const topics = (under: IngestUnderTest) => under.publishes().map(({ topic }) => topic);

describe('while the log answers nothing', () => {
  it('a request is not answered with success; 503 comes in time, and at once when it is known', async () => {
    await using under = await runIngest({ written: { ingestHttp: { ackTimeout: '1s' } } });
    expect((await post(under, 'before')).status).toBe(200);
    under.nats.pause();
    const late = await post(under, 'late');
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await late.json()).toMatchObject({
      error: 'log-late',
      message: expect.stringContaining('Idempotency-Key') as string,
    });
    await eventually(() => expect(under.ingest.report()).toMatchObject({ writable: false }));
    expect(await (await post(under, 'known')).json()).toMatchObject({ error: 'log-unreachable' });
    expect((await under.request('/health')).status).toBe(503);
    const influx = await under.request('/write?db=d', { method: 'POST', body: 'm f=1' });
    expect([influx.status, influx.headers.get('retry-after')]).toEqual([503, '1']);
    under.nats.resume();
    await eventually(async () => expect((await post(under, 'after')).status).toBe(200));
    // What had been taken in was on its way, as the answer said.
    await eventually(() => expect(topics(under)).toContain('sensors/plant1/late'));
    expect(topics(under)).not.toContain('sensors/plant1/known');
  });

  it('requests and their bytes are bounded: 429, for clients of InfluxDB 1 503; and given back', async () => {
    await using under = await runIngest({
      written: { ingestHttp: { ackTimeout: '20s', requestsMax: 3, waitingBytesMax: '100KiB' } },
    });
    under.nats.pause();
    const large = 'x'.repeat(40 * 1024);
    const waiting = [post(under, 'a', large), post(under, 'b', large)];
    await eventually(() => expect(under.ingest.report().publishes).toBe(2));
    // The bytes of a third are too many, and so would be a fourth request.
    const third = await post(under, 'c', large);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await third.json()).toMatchObject({ error: 'too-many-bytes' });
    waiting.push(post(under, 'd'));
    await eventually(() => expect(under.ingest.report().publishes).toBe(3));
    const refused = under.ingest.report().refused['http-limit'];
    expect(await (await post(under, 'e')).json()).toMatchObject({ error: 'too-many-requests' });
    expect((await under.request('/api/v2/write?bucket=b', { method: 'POST', body: 'm f=1' })).status).toBe(429);
    expect((await under.request('/write?db=b', { method: 'POST', body: 'm f=1' })).status).toBe(503);
    expect(under.ingest.report().refused['http-limit']).toBe(refused! + 3);
    under.nats.resume();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await post(under, 'f', large)).status).toBe(200);
  });
});

it('kill -9 of nats-server under load: what was answered with 200 is in the log, each once', async () => {
  await using under = await runIngest();
  const answered: number[] = [];
  let next = 0;
  const sender = async () => {
    while (next < 2_000) {
      const number = next++;
      for (;;) {
        const key = { 'idempotency-key': `k-${number}` };
        const request = { method: 'POST', headers: key, body: body(`d-${number}`) };
        const status = await under.request('/api/v1/readings', request).then((answer) => answer.status);
        if (status === 200) break;
        expect([429, 503]).toContain(status);
      }
      answered.push(number);
    }
  };
  const all = Promise.all(Array.from({ length: 16 }, sender));
  await eventually(() => expect(answered.length).toBeGreaterThan(500));
  await under.nats.restart();
  await all;
  await eventually(() => expect(new Set(topics(under)).size).toBe(2_000));
});

it('a full log: 503 until it is trimmed', async () => {
  await using under = await runIngest({
    logBytes: 512 * 1024,
    partitions: 1,
    written: { ingestHttp: { ackTimeout: '1s' } },
  });
  await eventually(async () => {
    const answer = await post(under, 'verbose', 'x'.repeat(50_000));
    expect(((await answer.json()) as { error?: string }).error).toBe('log-full');
  });
  expect(under.ingest.report().refused['log-full']).toBeGreaterThan(0);
  const { lastSequence } = await streamInfo(under.bus, 'LOG');
  await purgeBefore(under.bus, 'LOG', lastSequence);
  await eventually(async () => expect((await post(under, 'verbose')).status).toBe(200));
});
