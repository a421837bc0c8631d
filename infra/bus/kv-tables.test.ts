import { afterAll, beforeAll, expect, it } from 'vitest';
import { runNats, type NatsUnderTest } from '../../test/running-servers.ts';
import { type Config, configSchema, processingConfig } from '../config/schema.ts';
import { getConfigVersion, publishConfig } from './config-versions.ts';
import { connectBus, type Bus } from './connection.ts';
import { openBucket } from './kv.ts';
import { withKvTables } from './kv-tables.ts';
import { ensureStreams } from './streams.ts';

let nats: NatsUnderTest;
let bus: Bus;

beforeAll(async () => {
  nats = await runNats();
  bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

const config: Config = configSchema.parse({
  tables: [
    { name: 'own', key: 'device', rows: [{ device: 'a', line: 'x' }] },
    { name: 'lines', key: 'device', kv: 'lines' },
  ],
});
const put = async (value: string) => (await openBucket(bus, 'tables')).put('lines', value);

it('a table of KV is in the version that is put in force, and a change of it in the next one', async () => {
  await put('[{ "device": "press-7", "line": "bake", "limit": 85 }]');
  const first = await publishConfig(bus, 1, processingConfig(await withKvTables(bus, config)));
  await put('device,line,limit\npress-7,cut,70\n');
  expect((await getConfigVersion(bus, first)).tables).toEqual([
    { name: 'own', key: ['device'], rows: [{ device: 'a', line: 'x' }] },
    { name: 'lines', key: ['device'], rows: [{ device: 'press-7', line: 'bake', limit: 85 }] },
  ]);
  const second = await publishConfig(bus, 1, processingConfig(await withKvTables(bus, config)));
  expect(second).toBe(first + 1);
  expect((await getConfigVersion(bus, second)).tables[1]!.rows).toEqual([
    { device: 'press-7', line: 'cut', limit: 70 },
  ]);
});

it.each([
  ['[{ "device": "a", "limit": null }]', 'must be a list of maps of column to text, number or boolean'],
  ['[{ "device": ', 'is not JSON'],
  ['device,line\na,b,c\n', 'Invalid Record Length'],
  ['[{ "line": "x" }]', 'rows[0] has no "device", which is of the key'],
  ['[{ "device": "a" }, { "device": "a" }]', 'rows[1] has the same key as rows[0]: a'],
])('is refused: %s', async (value, message) => {
  await put(value);
  await expect(withKvTables(bus, config)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(`tables[1].kv: tables/lines ${message}`),
  });
});

it('is refused when it is not there', async () => {
  await (await openBucket(bus, 'tables')).delete('lines');
  await expect(withKvTables(bus, config)).rejects.toThrow('tables[1].kv: tables/lines does not exist');
});
