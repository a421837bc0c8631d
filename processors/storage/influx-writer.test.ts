import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInflux, type RunningInflux } from '../../infra/servers/influxd.ts';
import { resolveServer } from '../../infra/servers/resolve-server.ts';
import { connectInflux, type InfluxConnection } from './influx-connection.ts';
import { queryInflux } from './influx-query.ts';
import { writeLines } from './influx-writer.ts';
import { ensureSchema } from './schema.ts';

const signal = new AbortController().signal;
const readings = { generation: 1, policy: 'readings' } as const;

let influxd: RunningInflux;
let directory: string;
let connection: InfluxConnection;
let databases = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-influx-'));
  influxd = await startInflux({ binary: await resolveServer('influxd'), port: 0, directory });
});
afterAll(async () => {
  await influxd.stop();
  await rm(directory, { recursive: true });
});

/** A database of its own for each test. */
async function freshDatabase(): Promise<InfluxConnection> {
  connection = connectInflux({ url: influxd.url, org: 'millrace', bucket: `db${++databases}` });
  await ensureSchema(connection, 1, signal);
  return connection;
}

const nowNs = () => `${Date.now()}000000`;
const select = (statement: string) => queryInflux(connection, statement, signal);

describe('ensureSchema on 1.x', () => {
  it('creates database and policies, also the second time', async () => {
    await freshDatabase();
    await ensureSchema(connection, 1, signal);
    const policies = await select(`SHOW RETENTION POLICIES ON "${connection.bucket}"`);
    const kept = Object.fromEntries(policies.map((policy) => [policy.name, [policy.duration, policy.default]]));
    expect(kept).toMatchObject({
      readings: ['720h0m0s', true],
      windows: ['8760h0m0s', false],
      rollups: ['0s', false],
    });
  });

  it('leaves a policy that keeps points longer', async () => {
    await freshDatabase();
    await select(`ALTER RETENTION POLICY "readings" ON "${connection.bucket}" DURATION 90d`);
    await ensureSchema(connection, 1, signal);
    const policies = await select(`SHOW RETENTION POLICIES ON "${connection.bucket}"`);
    expect(policies).toContainEqual(
      expect.objectContaining({ name: 'readings', duration: '2160h0m0s', default: true }),
    );
  });

  it('says which generation it met', async () => {
    await freshDatabase();
    expect(await connection.generation(signal)).toBe(1);
  });
});

describe('writeLines', () => {
  it('a point of the wrong type is named and holds up no other', async () => {
    await freshDatabase();
    await writeLines(connection, readings, [`m,device=first v=1 ${nowNs()}`], signal);
    const at = nowNs().slice(0, -3);
    const lines = Array.from({ length: 1000 }, (_, i) => `m,device=d${i} v=${i} ${at}000`);
    lines[17] = `m,device=d17 v="n/a" ${at}000`;
    lines[998] = `m,device=d998 v="n/a" ${at}000`;
    lines[500] = 'no line at all';
    const outcome = await writeLines(connection, readings, lines, signal);
    expect(outcome).toMatchObject({ kind: 'answered', refused: [{ index: 17 }, { index: 500 }, { index: 998 }] });
    expect(outcome.kind === 'answered' && outcome.refused[0]!.detail).toMatch(
      /400: partial write: field type conflict/,
    );
    expect(await select('SELECT count(v) AS n FROM m')).toMatchObject([{ n: 998 }]);
  });

  it('a batch refused as a whole costs one request', async () => {
    await freshDatabase();
    let requests = 0;
    const counted: InfluxConnection = {
      ...connection,
      send: (...args) => {
        requests++;
        return connection.send(...args);
      },
    };
    const longAgo = Array.from({ length: 500 }, (_, i) => `m,device=d${i} v=1 1000`);
    const outcome = await writeLines(counted, readings, longAgo, signal);
    expect(outcome.kind === 'answered' && outcome.refused.map(({ index }) => index)).toEqual(longAgo.map((_, i) => i));
    expect(requests).toBe(1);
  });

  it('readings of one device within a millisecond stay apart, and writing again changes nothing', async () => {
    await freshDatabase();
    const us = `${Date.now()}`;
    const lines = Array.from({ length: 1000 }, (_, i) => `m,device=d v=${i} ${us}${String(i).padStart(3, '0')}000`);
    for (let i = 0; i < 3; i++)
      expect(await writeLines(connection, readings, lines, signal)).toEqual({ kind: 'answered', refused: [] });
    expect(await select('SELECT count(v) AS n, sum(v) AS s FROM m')).toMatchObject([{ n: 1000, s: 499_500 }]);
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1', /ECONNREFUSED/],
    ['the database is missing', null, /404: database not found/],
  ])('%s: unavailable, nothing is refused', async (_, url, error) => {
    const other = connectInflux({ url: url ?? influxd.url, org: 'o', bucket: 'missing' });
    const outcome = await writeLines(other, readings, [`m v=1 ${nowNs()}`], signal);
    expect(outcome).toEqual({ kind: 'unavailable', error: expect.stringMatching(error) });
  });
});
