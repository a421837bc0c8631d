import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ambiguity, eraseSeries, type SeriesTags } from './erase-series.ts';
import { connectInflux } from './influx-connection.ts';
import { writeLines } from './influx-writer.ts';
import { ensureSchema } from './schema.ts';

/** No InfluxDB 2.x runs here: these are checks of the requests against its documented API, and of nothing more. */

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

type Respond = (seen: Seen) => { status?: number; headers?: Record<string, string>; body?: unknown };

const signal = new AbortController().signal;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function record(respond: Respond) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const one = {
        method: request.method!,
        path: decodeURIComponent(request.url!),
        authorization: request.headers.authorization,
        body,
      };
      seen.push(one);
      const { status = 200, headers = {}, body: answer } = respond(one);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, connection: connectInflux({ url, token: 'secret', org: 'acme', bucket: 'millrace' }) };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

const empty: Respond = ({ method, path }) => {
  if (path.startsWith('/api/v2/orgs')) return { body: { orgs: [{ id: 'o1' }] } };
  if (path.startsWith('/api/v2/dbrps') && method === 'GET') return { body: { content: [] } };
  if (path.startsWith('/api/v2/buckets') && method === 'GET') return { status: 404, body: { code: 'not found' } };
  if (path.startsWith('/api/v2/buckets')) return { status: 201, body: { id: 'b1' } };
  return { status: 201, body: {} };
};

describe('requests to 2.x', () => {
  it.each([
    ['v2.7.11', 2],
    ['2.0.4', 2],
    ['1.8.10', 1],
  ])('version %s is generation %i', async (version, generation) => {
    const { connection } = await record(() => ({ status: 204, headers: { 'x-influxdb-version': version } }));
    expect(await connection.generation(signal)).toBe(generation);
  });

  it('without the header, /health tells', async () => {
    const { connection } = await record(({ path }) =>
      path === '/ping' ? { status: 204 } : { body: { name: 'influxdb', version: 'v2.7.4' } },
    );
    expect(await connection.generation(signal)).toBe(2);
  });

  it('refuses a generation it does not know', async () => {
    const { connection } = await record(() => ({ status: 204, headers: { 'x-influxdb-version': '3.0.1' } }));
    await expect(connection.generation(signal)).rejects.toThrow(/calls itself version "3.0.1"/);
  });

  it('writes to the bucket of the policy in nanoseconds, with the token', async () => {
    const { seen, connection } = await record(() => ({ status: 204 }));
    const outcome = await writeLines(connection, { generation: 2, policy: 'readings' }, ['a v=1 1', 'b v=2 2'], signal);
    expect(outcome).toEqual({ kind: 'answered', refused: [] });
    expect(seen).toEqual([
      {
        method: 'POST',
        path: '/api/v2/write?org=acme&bucket=millrace/readings&precision=ns',
        authorization: 'Token secret',
        body: 'a v=1 1\nb v=2 2',
      },
    ]);
  });

  it.each([400, 413, 422])('halves a batch answered with %i until the bad line is alone', async (status) => {
    const { connection } = await record(({ body }) =>
      body.includes('bad') ? { status, body: { code: 'invalid', message: 'bad line' } } : { status: 204 },
    );
    const lines = ['a v=1', 'b v=1', 'bad', 'd v=1', 'e v=1'];
    expect(await writeLines(connection, { generation: 2, policy: 'windows' }, lines, signal)).toEqual({
      kind: 'answered',
      refused: [{ index: 2, detail: expect.stringContaining('bad line') }],
    });
  });

  it.each([401, 404, 429, 500, 503])('%i is no refusal: the batch stays in hand', async (status) => {
    const { connection } = await record(() => ({ status, body: { message: 'no' } }));
    const outcome = await writeLines(connection, { generation: 2, policy: 'readings' }, ['a v=1'], signal);
    expect(outcome.kind).toBe('unavailable');
  });

  it('creates buckets and mappings that are missing', async () => {
    const { seen, connection } = await record(empty);
    await ensureSchema(connection, 2, signal);
    const posted = seen.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, JSON.parse(body)]);
    expect(posted.slice(0, 2)).toEqual([
      [
        '/api/v2/buckets',
        { orgID: 'o1', name: 'millrace/readings', retentionRules: [{ type: 'expire', everySeconds: 30 * 86_400 }] },
      ],
      [
        '/api/v2/dbrps',
        { bucketID: 'b1', orgID: 'o1', database: 'millrace', retention_policy: 'readings', default: true },
      ],
    ]);
    expect(posted).toHaveLength(6);
    expect(posted[4]).toEqual(['/api/v2/buckets', { orgID: 'o1', name: 'millrace/rollups', retentionRules: [] }]);
  });

  it('creates nothing that is there', async () => {
    const { seen, connection } = await record(({ method, path }) => {
      if (path.startsWith('/api/v2/buckets') && method === 'GET') return { body: { buckets: [{ id: 'b9' }] } };
      if (path.startsWith('/api/v2/dbrps'))
        return { body: { content: ['readings', 'windows', 'rollups'].map((name) => ({ retention_policy: name })) } };
      return empty({ method, path, authorization: '', body: '' });
    });
    await ensureSchema(connection, 2, signal);
    expect(seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  const press: SeriesTags = [
    ['device', 'press "7"'],
    ['key', ''],
    ['site', 'plant\\1'],
  ];
  it.each([
    ['readings', ['readings'], 'readings'],
    ['derived', ['readings'], 'readings'],
    ['windows', ['windows', 'rollups'], 'windows'],
  ] as const)('deletes %s of a device in the buckets %j', async (part, policies, measurement) => {
    const { seen, connection } = await record(() => ({ status: 204 }));
    await eraseSeries(connection, 2, part, press, signal);
    expect(seen.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual(
      policies.map((policy) => [
        'POST',
        `/api/v2/delete?org=acme&bucket=millrace/${policy}`,
        {
          start: '1677-09-21T00:12:44Z',
          stop: '2262-04-11T23:47:16Z',
          predicate: String.raw`_measurement="${measurement}" AND device="press \"7\"" AND site="plant\\1"`,
        },
      ]),
    );
  });

  it('a delete that is refused is a failure', async () => {
    const { connection } = await record(() => ({ status: 400, body: { message: 'bad predicate' } }));
    await expect(eraseSeries(connection, 2, 'readings', press, signal)).rejects.toThrow(/bad predicate/);
  });

  it('tells which devices a predicate cannot leave out', () => {
    expect(ambiguity(press)).toBeNull();
    expect(ambiguity([...press, ['line', '']])).toMatch(/may have line besides/);
  });

  it('an organization that is not there is a clear failure', async () => {
    const { connection } = await record(() => ({ body: { orgs: [] } }));
    await expect(ensureSchema(connection, 2, signal)).rejects.toThrow(/no organization "acme"/);
  });
});
