import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, runIngest, type IngestUnderTest } from '../../test/running-ingest.ts';

let under: IngestUnderTest;

beforeAll(
  async () =>
    void (under = await runIngest({
      limits: { payloadMax: '64KiB' },
      written: { ingestHttp: { bodyMax: '256KiB', requestTimeout: '1s' } },
      access: {
        identify: async ({ username, password, token }) => {
          if (token === 'good' || (username === 'ann' && password === 'secret')) return { name: 'ann', kind: 'device' };
          return token === undefined && username === undefined ? { name: 'anonymous', kind: 'anonymous' } : null;
        },
        mayPublish: (_, topic) => !topic.startsWith('private/'),
        maySubscribe: () => true,
      },
    })),
);
afterAll(() => under[Symbol.asyncDispose]());

const path = '/api/v1/readings';
const reading = (device: string, fields: object = { t: 1 }) => ({ device, tags: { site: 'plant1' }, fields });
const post = (body: object | string | Buffer, headers: Record<string, string> = {}, query = '') =>
  under.request(path + query, {
    method: 'POST',
    headers,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? (body as BodyInit) : JSON.stringify(body),
  });
const from = (device: string) => under.publishes().filter(({ topic }) => topic.includes(device));
const payloads = (device: string) => from(device).map(({ payload }) => Buffer.from(payload).toString());

describe('readings', () => {
  it('are in the log when they are answered, as their sensor would have published them', async () => {
    const answer = await post({ ...reading('one'), time: '2026-07-01T10:00:00Z' });
    expect([answer.status, await answer.json()]).toEqual([200, { stored: 1 }]);
    await eventually(() =>
      expect(from('one')).toMatchObject([
        { topic: 'sensors/plant1/one', client: 'http/anonymous', qos: 1, dup: false, retain: false, packetId: 0 },
      ]),
    );
    expect(payloads('one')).toEqual(['{"t":1,"time":"2026-07-01T10:00:00Z"}']);
  });

  it('many at once, packed, over all partitions', async () => {
    const many = Array.from({ length: 500 }, (_, i) => reading(`many-${i % 50}`, { i }));
    const answer = await post(gzipSync(JSON.stringify(many)), { 'content-encoding': 'gzip' });
    expect(await answer.json()).toEqual({ stored: 500 });
    await eventually(() => expect(from('many-')).toHaveLength(500));
    expect(payloads('many-7/'.slice(0, -1)).length).toBeGreaterThan(0);
    expect(
      from('many-')
        .filter(({ topic }) => topic.endsWith('/many-7'))
        .map(({ payload }) => Buffer.from(payload).toString()),
    ).toEqual(Array.from({ length: 10 }, (_, k) => `{"i":${k * 50 + 7}}`));
  });

  it('one that is wrong refuses all of them', async () => {
    const answer = await post([reading('whole'), { device: 'whole' }]);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: 'bad-reading',
      message: '[1].fields: must be an object of at least one field.',
    });
    await post(reading('after'));
    await eventually(() => expect(from('after')).toHaveLength(1));
    expect(from('whole')).toEqual([]);
  });

  it('any bytes under a topic, as if MQTT had brought them', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    expect((await post(bytes, {}, '?topic=sensors/plant1/bytes')).status).toBe(200);
    expect((await post('', {}, '?topic=sensors/plant1/bytes')).status).toBe(200);
    const client = await under.client({ clientId: 'same' });
    await client.publishAsync('sensors/plant1/bytes', bytes, { qos: 1 });
    await eventually(() => expect(from('bytes')).toHaveLength(3));
    const [http, empty, mqtt] = from('bytes');
    expect(Buffer.compare(http!.payload, mqtt!.payload)).toBe(0);
    expect(empty!.payload).toHaveLength(0);
    expect(http).toMatchObject({ topic: mqtt!.topic, qos: mqtt!.qos, retain: mqtt!.retain });
  });

  it('carry their trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await post(reading('traced'), { traceparent, tracestate: 'congo=t61' });
    await post(reading('traced'), { traceparent: 'nonsense' });
    await eventually(() => expect(from('traced')).toHaveLength(2));
    expect(from('traced').map(({ trace }) => trace)).toEqual([{ traceparent, tracestate: 'congo=t61' }, undefined]);
  });

  it('under an Idempotency-Key are marked, so that a repeat is known', async () => {
    for (let i = 0; i < 2; i++)
      expect((await post([reading('keyed'), reading('keyed')], { 'idempotency-key': 'k1' })).status).toBe(200);
    await eventually(() => expect(from('keyed')).toHaveLength(4));
    const senders = from('keyed').map(({ client, packetId, dup }) => `${client} ${packetId} ${dup}`);
    expect(senders.slice(0, 2)).toEqual(senders.slice(2));
    expect(new Set(senders).size).toBe(2);
    expect(senders[0]).toMatch(/^http\/anonymous\/\d+ \d+ true$/);
  });
});

describe('refused', () => {
  it.each([
    ['not JSON', '{', {}, '', 400, 'bad-reading'],
    ['another encoding', 'x', { 'content-encoding': 'br' }, '', 415, 'bad-encoding'],
    ['not gzip', 'x', { 'content-encoding': 'gzip' }, '', 400, 'bad-encoding'],
    ['a bad key', reading('x'), { 'idempotency-key': 'x'.repeat(256) }, '', 400, 'bad-idempotency-key'],
    ['a topic with a wildcard', 'x', {}, '?topic=a/%23', 400, 'wildcard-topic'],
    ['an empty topic', 'x', {}, '?topic=', 400, 'bad-topic'],
    ['$SYS', 'x', {}, '?topic=$SYS/x', 400, 'reserved-topic'],
    ['a topic of 4097 bytes', 'x', {}, `?topic=${'x'.repeat(4097)}`, 400, 'too-large'],
    ['a payload over payloadMax', Buffer.alloc(65 * 1024), {}, '?topic=a/b', 413, 'too-large'],
    ['a body over bodyMax', Buffer.alloc(257 * 1024), {}, '', 413, 'too-large'],
    [
      'a packed one that is larger',
      gzipSync(Buffer.alloc(20 * 2 ** 20)),
      { 'content-encoding': 'gzip' },
      '',
      413,
      'too-large',
    ],
    ['wrong credentials', reading('x'), { authorization: 'Bearer bad' }, '', 401, 'unauthorized'],
    ['a topic that is not theirs', 'x', { authorization: 'Token good' }, '?topic=private/a', 403, 'forbidden-topic'],
    ['a page of elsewhere', reading('x'), { origin: 'https://evil.example' }, '', 403, 'origin'],
    ['a page of another port', reading('x'), { origin: 'http://127.0.0.1:1' }, '', 403, 'origin'],
    ['a page that hides itself', reading('x'), { origin: 'null' }, '', 403, 'origin'],
  ] as const)('%s', async (_, body, headers, query, status, error) => {
    const answer = await post(body, headers, query);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error, message: expect.stringMatching(/\S/) as string });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('each is counted by reason, and by route and status', async () => {
    await under.counted('unauthorized', () => post(reading('x'), { authorization: 'Bearer bad' }));
    await under.counted('bad-request', () => post('{'));
    await under.counted('origin', () => post(reading('x'), { origin: 'https://evil.example' }));
    await under.counted('too-large', () => post(Buffer.alloc(257 * 1024)));
    await eventually(() =>
      expect(JSON.stringify(under.ingest.report().metrics ?? [])).toContain(
        '"route":"/api/v1/readings","status":"401"',
      ),
    );
  });

  it('other methods and paths', async () => {
    const get = await under.request(path);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await under.request(path, { method: 'OPTIONS' })).status).toBe(405);
    expect((await under.request('/api/v1/other', { method: 'POST', body: 'x' })).status).toBe(404);
  });

  it('a body that does not come, after its time; what is no HTTP at once; others are served meanwhile', async () => {
    const open = async (text: string) => {
      const socket = connect(under.ingest.httpPort, '127.0.0.1');
      await once(socket, 'connect');
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString())).on('error', () => undefined);
      socket.write(text);
      return () => received;
    };
    await under.counted('slow-request', async () => {
      const slow = await open(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\n{`);
      const noHeaders = await open(`POST ${path} HTTP/1.1\r\nhost: `);
      expect((await post(reading('meanwhile'))).status).toBe(200);
      await eventually(() => expect(slow()).toMatch(/^HTTP\/1\.1 408 /));
      await eventually(() => expect(noHeaders()).toMatch(/^HTTP\/1\.1 408 /));
    });
    const other = await open('MQTT is not HTTP\r\n\r\n');
    await eventually(() => expect(other()).toMatch(/^HTTP\/1\.1 400 /));
    // A client that goes away in the middle of its body leaves nothing behind.
    const gone = connect(under.ingest.httpPort, '127.0.0.1');
    await once(gone, 'connect');
    gone.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\n{`);
    gone.destroy();
    expect((await post(reading('afterwards'))).status).toBe(200);
  });
});
