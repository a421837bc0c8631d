import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PipelineFigures } from '../../events/pipeline.ts';
import { readSparkplug, writeSparkplug } from '../../infra/sparkplug/payload.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';
import { runMosquitto, type Mosquitto } from '../running-mosquitto.ts';

/** An edge node of another broker, which two bridges read: one may publish there, the other may not. */
let mosquitto: Mosquitto;
let millrace: Millrace;
let edge: MqttClient;
const commands: { topic: string; payload: Buffer }[] = [];
const [double, boolean, int64] = [10, 11, 4];
const bridge = (name: string, more: object) => ({ name, url: mosquitto.url, ...more });
const data = (group: string) =>
  edge.publishAsync(
    `plant/spBv1.0/${group}/NDATA/edge-1`,
    Buffer.from(
      writeSparkplug({ timestamp: Date.now(), seq: 7, metrics: [{ name: 't', datatype: double, doubleValue: 1 }] }),
    ),
  );

beforeAll(async () => {
  mosquitto = await runMosquitto();
  edge = await connectAsync(mosquitto.url, { clientId: 'edge' });
  edge.on('message', (topic, payload) => commands.push({ topic, payload }));
  await edge.subscribeAsync('plant/spBv1.0/+/NCMD/#');
  millrace = await startMillrace({
    topics: [{ profile: 'sparkplug' }],
    commands: [{ template: 'spBv1.0/{group}/NCMD/{device}', format: 'sparkplug' }],
    bridges: [
      bridge('asking', { topics: [{ filter: 'plant/spBv1.0/open/#', strip: 'plant/' }], rebirths: true }),
      bridge('silent', { topics: [{ filter: 'plant/spBv1.0/closed/#', strip: 'plant/' }] }),
    ],
  });
  await until('the bridges are connected', async () => {
    const found = mosquitto.output();
    return ['asking', 'silent'].every((name) => found.includes(`Sending SUBACK to millrace-${name}`));
  });
});

afterAll(async () => {
  await edge?.endAsync(true);
  await millrace?.[Symbol.asyncDispose]();
  await mosquitto?.[Symbol.asyncDispose]();
});

it('is asked for its births over the bridge that brought its data, by the names of its own broker', async () => {
  await data('closed');
  await data('open');
  const { topic, payload } = await until('it is asked', () => commands[0]);
  expect(topic).toBe('plant/spBv1.0/open/NCMD/edge-1');
  const command = readSparkplug(payload);
  if (typeof command === 'string') throw new Error(command);
  expect(command.metrics).toMatchObject([{ name: 'Node Control/Rebirth', datatype: boolean, booleanValue: true }]);

  const birth = writeSparkplug({
    timestamp: Date.now(),
    seq: 0,
    metrics: [
      { name: 'bdSeq', datatype: int64, longValue: 0 },
      { name: 't', datatype: double, doubleValue: 42 },
    ],
  });
  await edge.publishAsync('plant/spBv1.0/open/NBIRTH/edge-1', Buffer.from(birth));
  await until('its birth is stored', async () =>
    (await millrace.influx('SELECT t FROM readings')).some((row) => row['t'] === 42),
  );
});

it('is not asked over a bridge that may not publish, and what a bridge published itself is no message of others', async () => {
  await until('the log says why', async () =>
    (await readFile(join(millrace.data, 'logs/ingest.log'), 'utf8')).includes('rebirths: true allows it'),
  );
  expect(commands.map(({ topic }) => topic)).toEqual(['plant/spBv1.0/open/NCMD/edge-1']);
  // The subscription of the bridge has brought it back.
  await until('mosquitto has sent it to the bridge', async () =>
    /Sending PUBLISH to millrace-asking .*NCMD/.test(mosquitto.output()),
  );
  await data('open');
  const ingest = await until(
    'the pipeline is told',
    async () => ((await millrace.get('/api/v1/overview')) as { figures: PipelineFigures }).figures.ingest,
  );
  expect(ingest.refused['command-topic'] ?? 0).toBe(0);
});
