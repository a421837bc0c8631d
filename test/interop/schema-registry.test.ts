import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, startMillrace, until, type Millrace } from '../millrace.ts';

/** A client that people have, unchanged but for its base URL: it registers and encodes, the payload goes through MQTT. */
describe('@kafkajs/confluent-schema-registry', () => {
  const config = {
    topics: [
      { template: 'avro/{device}', format: 'avro' },
      { template: 'proto/{device}', format: 'protobuf' },
      { template: 'json/{device}', format: 'json-schema' },
      { template: 'bare/{device}', format: 'avro', schema: 'bare-value' },
      { template: 'plain/{device}', format: 'json' },
    ],
  };
  let millrace: Millrace;
  let sensor: MqttClient;
  let registry: SchemaRegistry;

  beforeAll(async () => {
    millrace = await startMillrace(config);
    sensor = await connectAsync(`mqtt://127.0.0.1:${millrace.ports.mqtt}`);
    registry = new SchemaRegistry({ host: `${millrace.url}/schema-registry` });
  });
  afterAll(async () => {
    await sensor?.endAsync();
    await millrace?.[Symbol.asyncDispose]();
  });

  const rows = (device: string) =>
    until('InfluxDB holds it', async () => {
      const found = await millrace.influx(`SELECT * FROM readings WHERE device = '${device}'`);
      return found.length > 0 && found;
    });
  const quarantined = (topic: string) =>
    until('it is quarantined', async () => {
      const { items } = (await millrace.get('/api/v1/quarantine')) as {
        items: { topic: string; reason: string; detail: string }[];
      };
      return items.find((item) => item.topic === topic);
    });

  const readingSchema = (...more: object[]) =>
    JSON.stringify({
      type: 'record',
      name: 'Reading',
      namespace: 'plant',
      fields: [
        { name: 'temperature', type: 'double' },
        { name: 'state', type: ['null', 'string'], default: null },
        ...more,
      ],
    });

  it('Avro: registered, encoded, published and stored at once; its own decoder reads it, too', async () => {
    const { id } = await registry.register({ type: SchemaType.AVRO, schema: readingSchema() });
    const payload = await registry.encode(id, { temperature: 71.5, state: 'on' });
    await sensor.publishAsync('avro/press-1', payload, { qos: 1 });
    expect(await rows('press-1')).toMatchObject([{ temperature: 71.5, state_text: 'on' }]);
    expect(await registry.decode(payload)).toMatchObject({ temperature: 71.5 });
    expect(await registry.getLatestSchemaId('plant.Reading')).toBe(id);
    expect(await registry.getRegistryId('plant.Reading', 1)).toBe(id);
    expect(
      await registry.getRegistryIdBySchema('plant.Reading', { type: SchemaType.AVRO, schema: readingSchema() }),
    ).toBe(id);
  });

  it('Avro: a next version is read beside the one before, an incompatible one refused', async () => {
    const first = await registry.getRegistryId('plant.Reading', 1);
    const { id } = await registry.register({
      type: SchemaType.AVRO,
      schema: readingSchema({ name: 'load', type: 'int', default: 0 }),
    });
    await sensor.publishAsync('avro/press-2', await registry.encode(id, { temperature: 1, state: null, load: 7 }), {
      qos: 1,
    });
    await sensor.publishAsync('avro/press-3', await registry.encode(first, { temperature: 2, state: null }), {
      qos: 1,
    });
    expect(await rows('press-2')).toMatchObject([{ temperature: 1, load: 7 }]);
    expect(await rows('press-3')).toMatchObject([{ temperature: 2 }]);
    const incompatible = readingSchema({ name: 'pressure', type: 'int' });
    await expect(registry.register({ type: SchemaType.AVRO, schema: incompatible })).rejects.toThrow(/incompatible/);
  });

  it('Protobuf', async () => {
    const schema = 'syntax = "proto3"; package plant; message Reading { double temperature = 1; int64 count = 2; }';
    const { id } = await registry.register({ type: SchemaType.PROTOBUF, schema }, { subject: 'proto-value' });
    const payload = await registry.encode(id, { temperature: 71.5, count: 3 });
    await sensor.publishAsync('proto/press-1p', payload, { qos: 1 });
    // What Confluent's own serializers write: the indexes of the message before it.
    const withIndexes = Buffer.concat([payload.subarray(0, 5), Buffer.from([0]), payload.subarray(5)]);
    await sensor.publishAsync('proto/press-2p', withIndexes, { qos: 1 });
    for (const device of ['press-1p', 'press-2p'])
      expect(await rows(device)).toMatchObject([{ temperature: 71.5, count: 3 }]);
    expect(await registry.decode(withIndexes)).toMatchObject({ temperature: 71.5 });
  });

  it('JSON Schema; what breaks it is quarantined with path and rule', async () => {
    const schema = JSON.stringify({ type: 'object', properties: { temperature: { type: 'number' } } });
    const { id } = await registry.register({ type: SchemaType.JSON, schema }, { subject: 'json-value' });
    const payload = await registry.encode(id, { temperature: 71.5 });
    await sensor.publishAsync('json/press-1j', payload, { qos: 1 });
    expect(await rows('press-1j')).toMatchObject([{ temperature: 71.5 }]);
    const broken = Buffer.concat([payload.subarray(0, 5), Buffer.from('{"temperature":"hot"}')]);
    await sensor.publishAsync('json/press-2j', broken, { qos: 1 });
    expect(await quarantined('json/press-2j')).toMatchObject({
      reason: 'schema',
      detail: '/temperature must be number (#/properties/temperature/type)',
    });
    payload.writeUInt32BE(4_000, 1);
    await sensor.publishAsync('json/press-3j', payload, { qos: 1 });
    expect(await quarantined('json/press-3j')).toMatchObject({ reason: 'unknown-schema' });
  });

  it('bare payloads go by the latest of a subject, which the command line registers; a replay reads each by its own', async () => {
    const file = join(millrace.data, 'bare.avsc');
    const use = async (name: string, args: string[] = []) => {
      writeFileSync(
        file,
        JSON.stringify({ type: 'record', name: 'B', fields: [{ name, type: 'int', aliases: ['a'] }] }),
      );
      return runCommand(['schema', 'register', 'bare-value', file, ...args], millrace.env);
    };
    expect(await use('a')).toMatchObject({ code: 0 });
    await sensor.publishAsync('bare/one', Buffer.from([84]), { qos: 1 });
    expect(await rows('one')).toMatchObject([{ a: 42 }]);
    expect(await use('b')).toMatchObject({ code: 0 });
    await sensor.publishAsync('bare/two', Buffer.from([84]), { qos: 1 });
    expect(await rows('two')).toMatchObject([{ b: 42 }]);
    const replay = await runCommand(['replay', '--from', 'beginning', '--into', 'influxdb'], millrace.env);
    expect(replay).toMatchObject({ code: 0 });
    const [one] = await rows('one');
    expect(one).toMatchObject({ a: 42 });
    expect(one!['b'] ?? null).toBeNull();

    const list = await runCommand(['--json', 'schema', 'list'], millrace.env);
    expect(list.stdout).toMatch(/"subject":"bare-value","version":2/);
    writeFileSync(file, JSON.stringify({ type: 'record', name: 'B', fields: [{ name: 'c', type: 'string' }] }));
    expect(await runCommand(['schema', 'check', 'bare-value', file], millrace.env)).toMatchObject({ code: 1 });
    expect(await runCommand(['schema', 'register', 'bare-value', file], millrace.env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('incompatible'),
    });
  });

  it('a schema is proposed from what the log holds', async () => {
    await sensor.publishAsync('plain/p', '{"temperature":20,"state":"on"}', { qos: 1 });
    await sensor.publishAsync('plain/p', '{"temperature":21.5}', { qos: 1 });
    const { stdout, code } = await runCommand(['schema', 'infer', 'plain/+'], millrace.env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      required: ['temperature'],
      properties: {
        temperature: { type: 'number', $comment: 'seen from 20 to 21.5 in 2 values' },
        state: { type: 'string' },
      },
    });
    const inferred = await runCommand(['schema', 'infer', 'plain/p', '--format', 'avro'], millrace.env);
    expect(() => avro.Type.forSchema(JSON.parse(inferred.stdout) as avro.Schema)).not.toThrow();
    expect(await runCommand(['schema', 'infer', 'avro/+'], millrace.env)).toMatchObject({ code: 1 });
    expect(await runCommand(['schema', 'infer', 'a+'], millrace.env)).toMatchObject({ code: 2 });
  });

  it('the dashboard shows these topics', async () => {
    const { topics } = (await millrace.get('/api/v1/status')) as { topics: { template: string; format: string }[] };
    const shown = topics.filter(({ template }) => config.topics.some((topic) => topic.template === template));
    expect(shown.map(({ format }) => format)).toEqual(config.topics.map(({ format }) => format));
  });

  it('balances', async () => {
    const ledger = await until('nothing is in flight', async () => {
      const now = await millrace.ledger();
      return now.inFlight === 0 && now;
    });
    expect(ledger.quarantined).toBe(2);
  });
});
