import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';

let under: IngestUnderTest;
const payloadMax = 1_000;

beforeAll(
  async () =>
    void (under = await runIngest({
      limits: {
        payloadMax: `${payloadMax}B`,
        readingsPerPublishMax: 20,
        bytesPerSecond: '1GiB',
        messagesPerSecond: 1_000_000,
      },
      access: {
        identify: async ({ username, password, token }) =>
          token === 'good' || (username === 'ann' && password === 'secret') ? { name: 'ann', kind: 'token' } : null,
        mayPublish: (_, topic) => !topic.startsWith('influx/private'),
        maySubscribe: () => true,
      },
    })),
);
afterAll(() => under[Symbol.asyncDispose]());

const credentials = { authorization: 'Token good' };
const write = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  under.request(path, { method: 'POST', headers: { ...credentials, ...headers }, body: body as BodyInit });
const recordsOf = (topic: string) => under.publishes().filter((record) => record.topic === topic);
const bodyUnder = (topic: string) => Buffer.concat(recordsOf(topic).map(({ payload }) => payload)).toString();

describe('line protocol', () => {
  const lines = Array.from(
    { length: 100 },
    (_, i) => `cpu,host=a,cpu=cpu${i} usage=${i}.5 ${1_782_900_000 + i}000000000\n`,
  ).join('');

  it.each([
    ['/write?db=one', lines, {}, 'influx/one'],
    ['/write?db=two&rp=autogen&precision=s&consistency=all', lines, {}, 'influx/two/s'],
    ['/write?db=three&precision=n', gzipSync(lines), { 'content-encoding': 'gzip' }, 'influx/three'],
    ['/api/v2/write?bucket=four&org=o&precision=ns', lines, {}, 'influx/four'],
    [
      '/api/v2/write?bucket=a%2Fb&org=o&precision=ms',
      gzipSync(lines),
      { 'content-encoding': 'gzip' },
      'influx/a%2Fb/ms',
    ],
  ])('%s: in the log byte for byte, cut at line ends', async (path, body, headers, topic) => {
    const answer = await write(path, body, headers);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    await eventually(() => expect(bodyUnder(topic)).toBe(lines));
    expect(recordsOf(topic)).toHaveLength(Math.ceil(lines.length / payloadMax));
    for (const { payload } of recordsOf(topic)) {
      expect(payload.length).toBeLessThanOrEqual(payloadMax);
      expect(payload.at(-1)).toBe(10);
    }
    expect(recordsOf(topic)[0]).toMatchObject({ client: 'http/ann', qos: 1 });
  });

  it('no record holds more lines than readers take of one', async () => {
    expect((await write('/write?db=short', 'm f=1\n'.repeat(50))).status).toBe(204);
    await eventually(() =>
      expect(recordsOf('influx/short').map(({ payload }) => payload.length / 6)).toEqual([20, 20, 10]),
    );
  });

  it('lines of which some are wrong go into the log, to be quarantined there; so do comments', async () => {
    const body = '# a comment\nm f=1\nwrong\n\nm f="a\nb" 7\n';
    expect((await write('/write?db=mixed', body)).status).toBe(204);
    await eventually(() => expect(bodyUnder('influx/mixed')).toBe(body));
  });

  it('nothing at all is stored as nothing', async () => {
    expect((await write('/write?db=nothing', '')).status).toBe(204);
    expect((await write('/api/v2/write?bucket=nothing', '# only a comment\n')).status).toBe(204);
  });
});

describe('errors are those of InfluxDB', () => {
  it.each([
    ['/write', 'm f=1', 400, { error: 'database is required' }],
    ['/write?db=', 'm f=1', 400, { error: 'database is required' }],
    ['/write?db=d&precision=d', 'm f=1', 400, { error: 'precision "d" is none of ns, us, ms, s, m, h' }],
    ['/write?db=d', '{"not": "points"}', 400, { error: `unable to parse '{"not": "points"}': missing fields` }],
    [
      '/write?db=d',
      `m f="${'x'.repeat(1_000)}"`,
      400,
      { error: expect.stringContaining('line 1 is 1006 bytes long') as string },
    ],
    ['/write?db=d', Buffer.alloc(11 * 2 ** 20), 413, { error: expect.stringContaining('larger than') as string }],
    ['/write?db=private', 'm f=1', 403, { error: 'ann may not publish to influx/private' }],
    ['/api/v2/write', 'm f=1', 400, { code: 'invalid', message: 'bucket is required' }],
    ['/api/v2/write?bucket=b&precision=d', 'm f=1', 400, { code: 'invalid', message: expect.any(String) as string }],
    [
      '/api/v2/write?bucket=b',
      Buffer.alloc(11 * 2 ** 20),
      413,
      { code: 'request too large', message: expect.any(String) as string },
    ],
    ['/api/v2/write?bucket=private', 'm f=1', 403, { code: 'forbidden', message: expect.any(String) as string }],
  ])('%s %#', async (path, body, status, expected) => {
    const answer = await write(path, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual(expected);
    expect(answer.headers.has('x-influxdb-error')).toBe(path.startsWith('/write'));
  });

  it.each([
    ['/write?db=d', {}, 401, { error: 'authorization failed' }],
    ['/write?db=d&u=ann&p=wrong', {}, 401, { error: 'authorization failed' }],
    ['/write?db=d&u=ann&p=secret', {}, 204, null],
    ['/write?db=d', { authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }, 204, null],
    ['/api/v2/write?bucket=d', {}, 401, { code: 'unauthorized', message: 'unauthorized access' }],
    ['/api/v2/write?bucket=d', { authorization: 'Token ann:secret' }, 204, null],
    ['/api/v2/write?bucket=d', { authorization: 'Bearer good' }, 204, null],
  ])('%s with %j: %i', async (path, headers, status, expected) => {
    const answer = await under.request(path, { method: 'POST', headers, body: 'm f=1' });
    expect(answer.status).toBe(status);
    expect(answer.headers.has('www-authenticate')).toBe(status === 401);
    expect(JSON.parse((await answer.text()) || 'null')).toEqual(expected);
  });
});

describe('what clients of InfluxDB ask besides', () => {
  it.each([
    ['GET', '/ping', 204, null],
    ['HEAD', '/ping', 204, null],
    ['GET', '/ping?verbose=true', 200, { version: expect.stringMatching(/^1\.8\./) as string }],
    ['GET', '/health', 200, expect.objectContaining({ status: 'pass' }) as object],
    ['GET', '/query?q=CREATE+DATABASE+%22a+b%22', 200, { results: [{ statement_id: 0 }] }],
    ['GET', '/query?q=SELECT+1', 400, { error: expect.stringContaining('CREATE DATABASE') as string }],
    ['GET', '/query', 400, { error: 'missing required parameter "q"' }],
  ])('%s %s', async (method, path, status, expected) => {
    const answer = await under.request(path, { method, headers: credentials });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-influxdb-version')).toMatch(/^1\.8\./);
    expect(JSON.parse((await answer.text()) || 'null')).toEqual(expected);
  });

  it('a query in a form', async () => {
    const answer = await write('/query', 'q=create+database+telegraf', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([answer.status, await answer.json()]).toEqual([200, { results: [{ statement_id: 0 }] }]);
    expect((await under.request('/query?q=CREATE+DATABASE+x')).status).toBe(401);
  });
});
