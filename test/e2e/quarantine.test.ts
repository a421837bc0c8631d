import { writeFile } from 'node:fs/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  QuarantineAnswer,
  QuarantineGroupsAnswer,
  QuarantineItem,
  QuarantineItemAnswer,
  RedriveCommand,
  RedriveReport,
} from '../../events/api-intake.ts';
import { ledgerDifference } from '../../events/ledger.ts';
import { attach } from '../../infra/commands/attach.ts';
import { purgeBefore, streamInfo } from '../../infra/bus/streams.ts';
import { configSchema } from '../../infra/config/schema.ts';
import { runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

const known = { template: 'sensors/{site}/{device}', format: 'json' };
const home = { template: 'home/{site}/{device}', format: 'json' };
const windows = [{ name: '10s', size: '10s', lateness: '1s', idle: '2s', retain: '1h', fields: ['*'] }];

/** What was set aside is looked into, the mapping is mended, and it becomes a reading at its own event time. */
describe('the quarantine', () => {
  let millrace: Millrace;
  let sensor: MqttClient;

  beforeAll(async () => {
    millrace = await startMillrace({ topics: [known], windows, limits: { payloadMax: '64KiB' } });
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
  });
  afterAll(async () => {
    await sensor?.endAsync(true);
    await millrace?.[Symbol.asyncDispose]();
  });

  const publish = (topic: string, payload: string) => sensor.publishAsync(topic, payload, { qos: 1 });
  const list = async (query: string) => (await millrace.get(`/api/v1/quarantine?${query}`)) as QuarantineAnswer;
  const items = (query: string, count: number) =>
    until(`${count} items of ${query}`, async () => {
      const found = (await list(query)).items;
      return found.length === count && found;
    });
  const show = async (id: string) => (await millrace.get(`/api/v1/quarantine/items/${id}`)) as QuarantineItemAnswer;
  const redrive = async (command: RedriveCommand) => {
    const response = await fetch(`${millrace.url}/api/v1/quarantine/redrive`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(command),
    });
    return { status: response.status, body: (await response.json()) as RedriveReport };
  };
  const outcomeOf = (item: QuarantineItem) =>
    until('its outcome is known', async () => (await show(item.id)).item.outcome);
  const apply = async (config: object) => {
    await writeFile(millrace.env['MILLRACE_CONFIG']!, stringify({ windows, ...config }));
    expect(await runCommand(['apply', '--yes'], millrace.env)).toMatchObject({ code: 0 });
  };
  const settled = () =>
    until('nothing is in flight', async () => {
      const ledger = await millrace.ledger();
      return ledger.inFlight === 0 && ledgerDifference(ledger) === 0 && ledger;
    });

  it('what storage refused is stored once InfluxDB takes it, and nothing judges it twice', async () => {
    const influx = async (path: string, body: string) =>
      fetch(`http://127.0.0.1:${millrace.ports.influx}${path}`, { method: 'POST', body });
    expect((await influx('/write?db=millrace', 'readings,device=foreign contested="text"')).status).toBe(204);
    await publish('sensors/plant1/contested', '{"contested":1}');
    const [item] = await items('reason=storage-refused', 1);
    expect(item).toMatchObject({ by: 'storage', key: 'plant1/contested', outcome: null });
    await influx(`/query?db=millrace&q=${encodeURIComponent('DROP MEASUREMENT readings')}`, '');
    expect((await redrive({ ids: [item!.id] })).body).toMatchObject({ considered: 1, appended: 1, gone: 0 });
    const rows = await until('it is stored', async () => {
      const found = await millrace.influx("SELECT contested FROM readings WHERE device = 'contested'");
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ contested: 1, time: item!.receivedAtUs * 1_000 }]);
    expect(await outcomeOf(item!)).toMatchObject({ of: { by: 'storage' }, duplicate: 1, readings: 0 });
    const closed = await until('its window is closed', async () => {
      const found = await millrace.influx("SELECT * FROM windows.windows WHERE device = 'contested'");
      return found.length > 0 && found;
    });
    expect(closed).toMatchObject([{ count: 1, revision: 0 }]);
  });

  it('a mapping is mended, and what it had refused becomes readings at their own event time, once', async () => {
    await publish('home/kitchen/thermo', '{"temperature":20.5}');
    const ownTimeMs = Date.now() - 60_000;
    await publish('home/kitchen/thermo', JSON.stringify({ temperature: 19.5, time: ownTimeMs }));
    const [own, given] = await items('topic=home/kitchen', 2);
    expect(await list('topic=home/kit')).toMatchObject({ items: [] });
    const { groups } = (await millrace.get('/api/v1/quarantine/groups?reason=no-template')) as QuarantineGroupsAnswer;
    expect(groups).toMatchObject([{ topic: 'home/kitchen/thermo', count: 2, template: null, key: null }]);
    const before = await show(given!.id);
    expect(Buffer.from(before.payload!, 'base64').toString()).toBe('{"temperature":20.5}');
    expect(before.now?.verdicts).toMatchObject([{ kind: 'refused', reason: 'no-template' }]);
    expect((await redrive({ filter: { topic: 'home' }, dryRun: true })).body).toMatchObject({
      considered: 2,
      appended: 0,
      would: { readings: 0, refused: { 'no-template': 2 } },
    });

    await apply({ topics: [known, home] });
    expect((await show(given!.id)).now?.verdicts).toMatchObject([
      {
        kind: 'reading',
        reading: { key: 'kitchen/thermo', timeUs: given!.receivedAtUs, fields: { temperature: 20.5 } },
      },
    ]);
    expect((await redrive({ filter: { topic: 'home' }, dryRun: true })).body).toMatchObject({ would: { readings: 2 } });
    const done = await runCommand(['--json', 'quarantine', 'redrive', '--topic', 'home'], millrace.env);
    expect(done).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout)).toMatchObject({ event: 'done', considered: 2, appended: 2, gone: 0, skipped: 0 });
    expect(await outcomeOf(given!)).toMatchObject({ readings: 1, quarantined: 0, reason: null });
    expect(await outcomeOf(own!)).toMatchObject({ readings: 1 });

    const stored = async () =>
      (await millrace.influx("SELECT temperature FROM readings WHERE device = 'thermo'")).map((row) => [
        row['time'],
        row['temperature'],
      ]);
    const expected = [
      [ownTimeMs * 1e6, 19.5],
      [given!.receivedAtUs * 1_000, 20.5],
    ];
    await until('both are stored', async () => (await stored()).length === 2);
    expect(await stored()).toEqual(expected);
    const counts = async () =>
      (await millrace.influx("SELECT * FROM windows.windows WHERE device = 'thermo'")).map((row) => row['count']);
    await until('their windows are closed', async () => (await counts()).length === 2);

    const duplicates = (await settled()).duplicate;
    expect((await redrive({ ids: [given!.id, own!.id] })).body).toMatchObject({ appended: 2 });
    await until('they are duplicates', async () => (await settled()).duplicate === duplicates + 2);
    expect(await outcomeOf(given!)).toMatchObject({ readings: 0, duplicate: 1 });
    expect(await stored()).toEqual(expected);
    expect(await counts()).toEqual([1, 1]);
    // By a filter what was redriven is passed over.
    expect((await redrive({ filter: { topic: 'home' } })).body).toMatchObject({ considered: 0, skipped: 2 });
  });

  it('what is still wrong is refused again, and says so', async () => {
    await publish('sensors/plant1/broken', '{"temperature":');
    const [item] = await items('key=plant1/broken', 1);
    await redrive({ ids: [item!.id] });
    expect(await outcomeOf(item!)).toMatchObject({ quarantined: 1, reason: 'not-json', readings: 0 });
    const [again, first] = await items('key=plant1/broken', 2);
    expect(first!.id).toBe(item!.id);
    expect(again).toMatchObject({ outcome: null, redriven: { sequence: item!.origin.sequence } });
    expect((await items('key=plant1/broken&open=true', 1))[0]!.id).toBe(again!.id);
    const shown = await runCommand(['quarantine', 'show', again!.id], millrace.env);
    expect(shown.stdout).toMatch(/would be refused: not-json/);
    expect(shown.stdout).toContain('7b 22 74 65 6d 70');
    const listed = await runCommand(['quarantine', 'list', '--device', 'plant1/broken'], millrace.env);
    expect(listed.stdout).toContain('refused again: not-json');
  });

  it('kill -9 of processors during a redrive of many: each is there once', async () => {
    const count = 2_000;
    const firstMs = Date.now() - 3_600_000;
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        publish('garden/shed/many', JSON.stringify({ n: i, time: firstMs + i * 100 })),
      ),
    );
    await until('all are set aside', async () => {
      const { groups } = (await millrace.get('/api/v1/quarantine/groups')) as QuarantineGroupsAnswer;
      return groups.find(({ topic }) => topic === 'garden/shed/many')?.count === count;
    });
    await apply({ topics: [known, home, { ...home, template: 'garden/{site}/{device}' }] });
    const filter = { topic: 'garden' };
    let page = (await redrive({ filter, limit: 100 })).body;
    let appended = page.appended;
    let killed: Promise<void> = Promise.resolve();
    while (page.next !== null) {
      if (appended === 500) killed = millrace.kill9('processors');
      page = (await redrive({ filter, limit: 100, after: page.next, until: page.until })).body;
      appended += page.appended;
    }
    await killed;
    expect(appended).toBe(count);
    await until('all are stored', async () => {
      const [row] = await millrace.influx("SELECT COUNT(n) FROM readings WHERE device = 'many'");
      return row?.['count'] === count;
    });
    await until('they are in windows, each once', async () => {
      const rows = await millrace.influx("SELECT * FROM windows.windows WHERE device = 'many'");
      const sum = rows.reduce((total, row) => total + (row['field'] === 'n' ? Number(row['count']) : 0), 0);
      expect(sum).toBeLessThanOrEqual(count);
      return sum === count;
    });
    await settled();
  });

  it('what the log no longer holds is said', async () => {
    await publish('attic/box/lost', '{"temperature":1}');
    const [item] = await items('topic=attic', 1);
    const ledger = await settled();
    expect(ledger.quarantined).toBeGreaterThan(0);
    {
      await using servers = await attach(configSchema.parse({ data: millrace.data }), 'test');
      const { lastSequence } = await streamInfo(servers.bus, 'LOG');
      await until(
        'the log goes on',
        async () => (await streamInfo(servers.bus, 'LOG')).lastSequence > lastSequence + 8,
      );
      await purgeBefore(servers.bus, 'LOG', lastSequence + 1);
    }
    expect(await show(item!.id)).toMatchObject({ payload: null, now: null, item: { bytes: 17 } });
    expect((await redrive({ ids: [item!.id] })).body).toMatchObject({ considered: 1, appended: 0, gone: 1 });
    const told = await runCommand(['quarantine', 'redrive', item!.id], millrace.env);
    expect(told).toMatchObject({ code: 1, stdout: expect.stringMatching(/1 that the log no longer holds/) });
    const shown = await runCommand(['quarantine', 'show', item!.id], millrace.env);
    expect(shown.stdout).toMatch(/the log no longer holds it; its first 17 bytes of 17/);
  });

  it.each([
    ['nothing named', {}, 400],
    ['both', { ids: ['1.0'], filter: {} }, 400],
    ['an unknown reason', { filter: { reason: 'nonsense' } }, 400],
  ])('a redrive with %s is refused', async (_what, command, status) => {
    expect((await redrive(command as RedriveCommand)).status).toBe(status);
  });
});
