import { gzipSync } from 'node:zlib';
import { InfluxDB, Point } from '@influxdata/influxdb-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, runIngest, type IngestUnderTest } from '../running-ingest.ts';
import { runInflux, type ServerUnderTest } from '../running-servers.ts';

// Debian has no package of Telegraf. What stands here are the requests of Telegraf 1.37.2, header by header, as they were
// recorded of its outputs influxdb, influxdb_v2 and http (docs/ways-in.md, "What is tested").

const userAgent = 'Telegraf/1.37.2 Go/1.26.8';
const text = { 'content-type': 'text/plain; charset=utf-8', 'user-agent': userAgent };
/** Without a length: it packs while it sends, so the body comes in chunks. */
const packed = (body: string) => ({
  body: new Blob([gzipSync(body)]).stream(),
  duplex: 'half' as const,
});
/** As its serializer writes the inputs cpu and mqtt_consumer: sorted tags, integers with i, nanoseconds, a line feed each. */
const lines = [
  'cpu,cpu=cpu0,host=raynor usage_idle=97.99999999999999,usage_user=1.5 1782900000000000000',
  'cpu,cpu=cpu\\ total,host=raynor usage_idle=98,usage_user=1 1782900000000000000',
  'mem,host=raynor total=16647995392i,used_percent=12.5,swap=false 1782900000000000000',
  'mqtt_consumer,host=raynor,topic=sensors/plant1/press-7 value="a \\"quoted\\" text" 1782900000250000000',
]
  .map((line) => `${line}\n`)
  .join('');

let under: IngestUnderTest;
let influx: ServerUnderTest;
beforeAll(async () => {
  influx = await runInflux();
  under = await runIngest();
});
afterAll(async () => {
  await under?.[Symbol.asyncDispose]();
  await influx?.[Symbol.asyncDispose]();
});

const url = () => `http://127.0.0.1:${under.ingest.httpPort}`;
const textOf = (topic: string) =>
  Buffer.concat(
    under
      .publishes()
      .filter((record) => record.topic === topic)
      .map(({ payload }) => payload),
  ).toString();

describe('requests as Telegraf sends them', () => {
  it('outputs.influxdb: creates the database, then writes; gzip is its default', async () => {
    const created = await fetch(`${url()}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': userAgent },
      body: new URLSearchParams({ q: 'CREATE DATABASE "telegraf"' }),
    });
    // It wants 200 and JSON without an error in it.
    expect([created.status, await created.json()]).toEqual([200, { results: [{ statement_id: 0 }] }]);
    const written = await fetch(`${url()}/write?db=telegraf`, {
      method: 'POST',
      headers: { ...text, 'content-encoding': 'gzip', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` },
      ...packed(lines),
    });
    expect(written.status).toBe(204);
    await eventually(() => expect(textOf('influx/telegraf')).toBe(lines));
  });

  it('outputs.influxdb_v2', async () => {
    const written = await fetch(`${url()}/api/v2/write?bucket=plant&org=millrace`, {
      method: 'POST',
      headers: { ...text, 'content-encoding': 'gzip', authorization: 'Token name:secret' },
      ...packed(lines),
    });
    expect(written.status).toBe(204);
    await eventually(() => expect(textOf('influx/plant')).toBe(lines));
  });

  it('outputs.http with data_format influx', async () => {
    const written = await fetch(`${url()}/write?db=http`, { method: 'POST', headers: text, body: lines });
    expect(written.status).toBe(204);
    await eventually(() => expect(textOf('influx/http')).toBe(lines));
  });

  it('outputs.http with data_format json and the json_transformation of docs/ways-in.md', async () => {
    // What that makes of a batch of two metrics, and of one: an object alone, as JSONata has it.
    const metric = (device: string, value: number) => ({
      device,
      fields: { value },
      tags: { site: 'plant1' },
      time: 1_782_900_000_000,
    });
    for (const [body, stored] of [
      [[metric('a', 1), metric('b', 2)], 2],
      [metric('a', 3), 1],
    ] as const) {
      const written = await fetch(`${url()}/api/v1/readings`, {
        method: 'POST',
        headers: text,
        body: JSON.stringify(body),
      });
      expect([written.status, await written.json()]).toEqual([200, { stored }]);
    }
    await eventually(() =>
      expect(textOf('sensors/plant1/a')).toBe('{"value":1,"time":1782900000000}{"value":3,"time":1782900000000}'),
    );
  });
});

it("InfluxDB's own client writes", async () => {
  const client = new InfluxDB({ url: url(), token: 'secret' });
  const api = client.getWriteApi('org', 'by client', 'ms', { maxRetries: 0, batchSize: 100 });
  for (let i = 0; i < 50; i++)
    api.writePoint(
      new Point('cpu')
        .tag('host', 'a')
        .floatField('usage', i)
        .timestamp(1_782_900_000_000 + i),
    );
  await api.close();
  const expected = Array.from({ length: 50 }, (_, i) => `cpu,host=a usage=${i} ${1_782_900_000_000 + i}`).join('\n');
  await eventually(() => expect(textOf('influx/by client/ms')).toBe(expected));
  const failing = client.getWriteApi('org', '', 'ns', { maxRetries: 0 });
  failing.writeRecord('m f=1');
  await expect(failing.close()).rejects.toMatchObject({
    statusCode: 400,
    json: { code: 'invalid', message: 'bucket is required' },
  });
});

describe('answers are those of a real InfluxDB 1', () => {
  it.each([
    ['GET', '/ping', undefined, {}],
    ['POST', '/query?q=CREATE+DATABASE+same', undefined, {}],
    ['POST', '/query', undefined, {}],
    ['POST', '/write?db=same', lines, {}],
    ['POST', '/write?db=same&precision=s', 'm f=1 1782900000', {}],
    ['POST', '/write?db=same', gzipSync(lines), { 'content-encoding': 'gzip' }],
    ['POST', '/write?db=same', '# only a comment\n', {}],
    ['POST', '/write', 'm f=1', {}],
    ['POST', '/write?db=same', 'no-fields', {}],
    ['POST', '/write?db=same', 'gzip it is not', { 'content-encoding': 'gzip' }],
  ] as const)('%s %s %#', async (method, path, body, headers) => {
    const [theirs, ours] = await Promise.all(
      [influx.url, url()].map(async (base) => {
        const answer = await fetch(base + path, {
          method,
          headers,
          ...(body === undefined ? {} : { body: body as BodyInit }),
        });
        const answered = await answer.text();
        const isJson = answered !== '' && answer.headers.get('content-type')?.startsWith('application/json');
        const json = isJson ? (JSON.parse(answered) as object) : {};
        return { status: answer.status, keys: Object.keys(json), version: answer.headers.has('x-influxdb-version') };
      }),
    );
    expect(ours).toEqual(theirs);
  });
});
