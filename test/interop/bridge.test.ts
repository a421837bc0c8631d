import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BridgeReport } from '../../events/health.ts';
import { eventually, runIngest, type IngestUnderTest } from '../running-ingest.ts';
import { runMosquitto, type Mosquitto } from '../running-mosquitto.ts';

const reportOf = (under: IngestUnderTest, name = 'plant') =>
  under.ingest.report().bridges?.find((bridge) => bridge.name === name) as BridgeReport;
const isConnected = (under: IngestUnderTest, name?: string) =>
  eventually(() => expect(reportOf(under, name)).toMatchObject({ connected: true, error: '' }));
const ingestWith = (mosquitto: Mosquitto, more: object = {}, options: Parameters<typeof runIngest>[0] = {}) =>
  runIngest({
    ...options,
    written: { bridges: [{ name: 'plant', url: mosquitto.url, topics: [{ filter: 'factory/#' }], ...more }] },
  });
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe.each([5, 4] as const)('a bridge from mosquitto, protocol %i', (protocol) => {
  let mosquitto: Mosquitto;
  let under: IngestUnderTest;
  let sensor: MqttClient;
  const topics = [
    { filter: 'exact/#', qos: 2 },
    { filter: 'zero/#', qos: 0, prefix: 'was/' },
    { filter: 'factory/#', strip: 'factory/', prefix: 'sensors/plant1/' },
  ];

  beforeAll(async () => {
    mosquitto = await runMosquitto();
    sensor = await connectAsync(mosquitto.url, { protocolVersion: 5, clientId: 'sensor' });
    await sensor.publishAsync('factory/kept', 'was there', { retain: true, qos: 1 });
    under = await ingestWith(mosquitto, { topics, protocol });
    await isConnected(under);
  });
  afterAll(async () => {
    await sensor?.endAsync(true);
    await under?.[Symbol.asyncDispose]();
    await mosquitto?.[Symbol.asyncDispose]();
  });
  const from = (topic: string) => under.publishes().filter((record) => record.topic === topic);

  it('takes messages in under their new topic, byte for byte, as those of the bridge', async () => {
    const payload = Buffer.from([0, 255, 13, 10]);
    await sensor.publishAsync('factory/press-7', payload, { qos: 1 });
    await eventually(() => expect(from('sensors/plant1/press-7')).toHaveLength(1));
    const [record] = from('sensors/plant1/press-7');
    expect(record).toMatchObject({ client: 'bridge/plant', qos: 1, retain: false, dup: false });
    expect(record!.packetId).toBeGreaterThan(0);
    expect(payload.equals(record!.payload)).toBe(true);
  });

  it('a retained message comes with the subscription, marked as such', () =>
    eventually(() => expect(from('sensors/plant1/kept')).toMatchObject([{ retain: true }])));

  it.each([
    ['exact/a', 2, 'exact/a', 2],
    ['zero/a', 1, 'was/zero/a', 0],
    ['exact/b', 0, 'exact/b', 0],
  ] as const)('%s published with QoS %i', async (topic, qos, expected, got) => {
    await sensor.publishAsync(topic, '1', { qos });
    await eventually(() => expect(from(expected)).toMatchObject([{ qos: got }]));
  });

  it('many are acknowledged, in order, with no more under way than is allowed', async () => {
    await Promise.all(
      Array.from({ length: 2_000 }, (_, i) => sensor.publishAsync('factory/many', String(i), { qos: 1 })),
    );
    await eventually(() => expect(from('sensors/plant1/many')).toHaveLength(2_000), 30_000);
    expect(from('sensors/plant1/many').map(({ payload }) => Number(Buffer.from(payload).toString()))).toEqual(
      Array.from({ length: 2_000 }, (_, i) => i),
    );
    await eventually(() => expect(reportOf(under).inFlight).toBe(0));
  });

  it(`${protocol === 5 ? 'MQTT 5 user properties' : 'over MQTT 3.1.1 no'} trace travels on`, async () => {
    const properties = { userProperties: { traceparent, tracestate: 'congo=t61', other: 'x' } };
    await sensor.publishAsync('factory/traced', '1', { qos: 1, properties });
    await eventually(() => expect(from('sensors/plant1/traced')).toHaveLength(1));
    expect(from('sensors/plant1/traced')[0]!.trace).toEqual(
      protocol === 5 ? { traceparent, tracestate: 'congo=t61' } : undefined,
    );
  });

  it('a payload over payloadMax is counted and acknowledged: it does not come again', async () => {
    await under.counted('too-large', () => sensor.publishAsync('factory/large', Buffer.alloc(257 * 1024), { qos: 1 }));
    await sensor.publishAsync('factory/after-large', '1', { qos: 1 });
    await eventually(() => expect(from('sensors/plant1/after-large')).toHaveLength(1));
    expect(from('sensors/plant1/large')).toEqual([]);
  });

  it('while the log answers nothing, nothing is acknowledged; afterwards all is there', async () => {
    under.nats.pause();
    await Promise.all(
      Array.from({ length: 600 }, (_, i) => sensor.publishAsync('factory/waits', String(i), { qos: 1 })),
    );
    await eventually(() => expect(under.ingest.report()).toMatchObject({ writable: false }));
    expect(reportOf(under).inFlight).toBeGreaterThan(0);
    expect(reportOf(under).inFlight).toBeLessThanOrEqual(256);
    under.nats.resume();
    await eventually(() => expect(from('sensors/plant1/waits')).toHaveLength(600));
  });
});

/** Sensors that publish one message after the other until they are stopped. */
function sensorsAt(mosquitto: Mosquitto, names: readonly string[]) {
  const acknowledged: string[] = [];
  const stopped = new AbortController();
  const run = async (name: string) => {
    const client = await connectAsync(mosquitto.url, { clientId: name, clean: false, reconnectPeriod: 100 });
    client.on('error', () => undefined);
    for (let i = 0; !stopped.signal.aborted; i++) {
      // Its own store sends again what was not acknowledged.
      await client.publishAsync('factory/press', `${name} ${i}`, { qos: 1 });
      acknowledged.push(`${name} ${i}`);
    }
    await client.endAsync();
  };
  const all = Promise.all(names.map(run));
  return {
    acknowledged,
    stop() {
      stopped.abort();
      return all;
    },
  };
}

describe('when mosquitto ends while sensors publish', () => {
  const names = ['a', 'b', 'c', 'd'];
  const rounds = 3;

  it.each([
    ['SIGTERM', 5, 0],
    ['SIGTERM', 4, 0],
    // It acknowledges a message before it saves it: a kill takes the last one of each sensor, if nobody has read it yet.
    ['SIGKILL', 5, names.length * rounds],
    ['SIGKILL', 4, names.length * rounds],
  ] as const)(
    '%s and a new start, protocol %i: at most %i that it had not saved are lost',
    async (signal, protocol, lostMax) => {
      await using mosquitto = await runMosquitto();
      await using under = await ingestWith(mosquitto, { protocol });
      await isConnected(under);
      const sensors = sensorsAt(mosquitto, names);
      for (let round = 1; round <= rounds; round++) {
        const before = sensors.acknowledged.length;
        await eventually(() => expect(sensors.acknowledged.length).toBeGreaterThan(before + 200), 30_000);
        await mosquitto.kill(signal);
        await eventually(() =>
          expect(reportOf(under)).toMatchObject({ connected: false, error: expect.stringMatching(/\S/) as string }),
        );
        await mosquitto.start();
        await eventually(() => expect(reportOf(under).connected).toBe(true), 40_000);
      }
      await sensors.stop();
      const lost = () => {
        const stored = new Set(under.publishes().map(({ payload }) => Buffer.from(payload).toString()));
        return sensors.acknowledged.filter((text) => !stored.has(text));
      };
      await eventually(() => expect(lost().length).toBeLessThanOrEqual(lostMax), 30_000);
      // The session is alive: all of it was acknowledged, and what comes now is.
      await eventually(() => expect(reportOf(under).inFlight).toBe(0));
    },
  );

  it('what was not acknowledged comes again, marked as a repeat under the same identifier', async () => {
    await using mosquitto = await runMosquitto();
    await using under = await ingestWith(mosquitto);
    await isConnected(under);
    const sensor = await connectAsync(mosquitto.url, { clientId: 'sensor' });
    under.nats.pause();
    for (let i = 0; i < 20; i++) await sensor.publishAsync('factory/press', `once ${i}`, { qos: 1 });
    await eventually(() => expect(reportOf(under).inFlight).toBe(20));
    await sensor.endAsync();
    await mosquitto.kill('SIGTERM');
    await mosquitto.start();
    await eventually(
      () => expect(reportOf(under)).toMatchObject({ connected: true, messages: 40, inFlight: 20 }),
      40_000,
    );
    under.nats.resume();
    // They were on their way still: the repeats are acknowledged with them, and stored once.
    await eventually(() => expect(reportOf(under).inFlight).toBe(0));
    await eventually(() => expect(under.publishes()).toHaveLength(20));
    await eventually(() => expect(mosquitto.output().match(/Received PUBACK from millrace-plant/g)).toHaveLength(20));
    await mosquitto.kill('SIGTERM');
    await mosquitto.start();
    await eventually(
      () => expect(reportOf(under)).toMatchObject({ connected: true, messages: 40, inFlight: 0 }),
      40_000,
    );
  });
});

it('bridges in one shared subscription share the messages', async () => {
  await using mosquitto = await runMosquitto();
  const bridge = (name: string) => ({
    name,
    url: mosquitto.url,
    shared: 'millrace',
    topics: [{ filter: 'factory/#' }],
  });
  await using under = await runIngest({ written: { bridges: [bridge('one'), bridge('two')] } });
  await isConnected(under, 'one');
  await isConnected(under, 'two');
  await eventually(() => expect(mosquitto.output().match(/\$share\/millrace\/factory\/# \(QoS/g)).toHaveLength(2));
  const sensor = await connectAsync(mosquitto.url, { clientId: 'sensor' });
  for (let i = 0; i < 200; i++) await sensor.publishAsync('factory/press', String(i), { qos: 1 });
  await sensor.endAsync();
  await eventually(() => expect(under.publishes()).toHaveLength(200));
  expect(new Set(under.publishes().map(({ payload }) => Buffer.from(payload).toString())).size).toBe(200);
  expect(new Set(under.publishes().map(({ client }) => client))).toEqual(new Set(['bridge/one', 'bridge/two']));
});

describe('TLS', () => {
  const certificate = (name: string) => join(import.meta.dirname, 'certificates', name);
  const secured = [
    'allow_anonymous true',
    'require_certificate true',
    `cafile ${certificate('ca.crt')}`,
    `certfile ${certificate('server.crt')}`,
    `keyfile ${certificate('server.key')}`,
  ];
  const withTls = (mosquitto: Mosquitto, tls: object) =>
    ingestWith(mosquitto, { url: mosquitto.url.replace('mqtt:', 'mqtts:'), tls });

  it('with a certificate of its own', async () => {
    await using mosquitto = await runMosquitto(secured);
    const tls = { ca: certificate('ca.crt'), cert: certificate('client.crt'), key: certificate('client.key') };
    await using under = await withTls(mosquitto, tls);
    await isConnected(under);
    const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map((file) => readFile(file)));
    const sensor = await connectAsync(mosquitto.url.replace('mqtt:', 'mqtts:'), { ca, cert, key });
    await sensor.publishAsync('factory/press', 'secret', { qos: 1 });
    await sensor.endAsync();
    await eventually(() => expect(under.publishes()).toHaveLength(1));
  });

  it.each([
    ['a broker that nobody vouches for', {}, /certificate/],
    ['a file that is not there', { ca: '/nowhere/ca.crt' }, /ENOENT.*\/nowhere\/ca\.crt/],
  ])('%s: not connected, and why', async (_, tls, text) => {
    await using mosquitto = await runMosquitto(secured);
    await using under = await withTls(mosquitto, tls);
    await eventually(() =>
      expect(reportOf(under)).toMatchObject({ connected: false, error: expect.stringMatching(text) as string }),
    );
  });
});

describe('what the broker refuses is told', () => {
  it('credentials; and it goes on trying', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-acl-'));
    const passwords = join(directory, 'passwords');
    // PBKDF2 of mosquitto_passwd is not needed: an empty file lets nobody in.
    await writeFile(passwords, '');
    await using mosquitto = await runMosquitto(['allow_anonymous false', `password_file ${passwords}`]);
    await using under = await ingestWith(mosquitto, { username: 'ann', password: 'wrong' });
    await eventually(() =>
      expect(reportOf(under)).toMatchObject({
        connected: false,
        error: expect.stringMatching(/not authori[sz]ed/i) as string,
      }),
    );
    expect(JSON.stringify(under.ingest.report())).not.toContain('wrong');
    const tries = () => mosquitto.output().match(/not authori[sz]ed/gi)?.length ?? 0;
    await eventually(() => expect(tries()).toBeGreaterThan(2), 20_000);
    await rm(directory, { recursive: true, force: true });
  });
});
