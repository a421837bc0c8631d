import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMillrace, until, type Millrace, type PartName } from '../millrace.ts';
import { runMosquitto, type Mosquitto } from '../running-mosquitto.ts';

/** `kill -9` of ingest processes of which one has the bridge, while sensors publish to mosquitto. */
let mosquitto: Mosquitto;
let millrace: Millrace;
const parts: readonly PartName[] = ['ingest', 'ingest-2', 'ingest', 'processors', 'nats-server'];

beforeAll(async () => {
  mosquitto = await runMosquitto();
  millrace = await startMillrace({
    processes: { ingest: 2 },
    bridges: [
      {
        name: 'plant',
        url: mosquitto.url,
        topics: [{ filter: 'factory/+', strip: 'factory/', prefix: 'sensors/plant1/' }],
      },
    ],
  });
});
afterAll(async () => {
  await millrace?.[Symbol.asyncDispose]();
  await mosquitto?.[Symbol.asyncDispose]();
});

it('every message that mosquitto acknowledged is stored, once', async () => {
  // As many as the session keeps for a while without a bridge.
  await until('the bridge has subscribed', () => mosquitto.output().includes('millrace-plant 1 factory/+'));
  const published: number[] = [];
  let number = 0;
  const stopped = new AbortController();
  const sensor = async (name: string) => {
    const client = await connectAsync(mosquitto.url, { clientId: name });
    while (!stopped.signal.aborted) {
      const mine = number++;
      // No time of its own: a repeat is known by packet identifier, topic and payload alone.
      await client.publishAsync(`factory/${name}`, JSON.stringify({ number: mine }), { qos: 1 });
      published.push(mine);
    }
    await client.endAsync();
  };
  const all = Promise.all(['a', 'b', 'c'].map(sensor));
  for (const part of parts) {
    const before = published.length;
    await until('some are published', () => published.length > before + 300);
    await millrace.kill9(part);
  }
  stopped.abort();
  await all;
  const rows = await until('InfluxDB holds them', async () => {
    const found = await millrace.influx(`SELECT number FROM readings WHERE site = 'plant1'`);
    return found.length >= published.length && found;
  });
  expect(rows.map((row) => Number(row['number'])).toSorted((a, b) => a - b)).toEqual(
    published.toSorted((a, b) => a - b),
  );
  // While its broker is away the bridge is told of, and as soon as it is back no more.
  const degraded = async () => ((await millrace.get('/readyz')) as { degraded: string[] }).degraded.join();
  await mosquitto.kill();
  await until('readiness tells of it', async () => /Bridge plant: \S/.test(await degraded()));
  await until('there is an alarm', () => /bridge plant: |Bridge plant is not connected/.test(millrace.output()));
  await mosquitto.start();
  await until('it is well again', async () => !/Bridge/.test(await degraded()));
  // Of the bridge, one connection at a time: the lease moved, the session stayed.
  expect(mosquitto.output()).not.toMatch(/millrace-plant already connected/);
});
