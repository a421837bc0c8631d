import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishConfig } from '../../../infra/bus/config-versions.ts';
import { connectBus, type Bus } from '../../../infra/bus/connection.ts';
import { configSchema, processingConfig } from '../../../infra/config/schema.ts';
import { createLogger } from '../../../infra/log.ts';
import { registryBounds } from '../../../infra/schemas/registry-index.ts';
import { keepSchemasInForce } from '../../../processors/schemas-in-force.ts';
import { startPipeline, type PipelineUnderTest } from '../pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
let processors: Bus;
const stopping = new AbortController();
let keeping: Promise<void>;

beforeAll(async () => {
  pipeline = await startPipeline();
  processors = await connectBus(pipeline.nats.busOptions('processors', 'processors'));
  await publishConfig(processors, 1, processingConfig(configSchema.parse({})));
  const log = createLogger('processors', 'silent');
  keeping = keepSchemasInForce({ bus: processors, partitions: 1, log }, stopping.signal);
});
afterAll(async () => {
  stopping.abort();
  await keeping;
  await processors.close();
  await pipeline[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly type: string | null;
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const type = 'application/vnd.schemaregistry.v1+json';
  const response = await fetch(`${pipeline.url}/schema-registry${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': type },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), type: response.headers.get('content-type') };
}
const bodyOf = async (method: string, path: string, body?: unknown) => (await ask(method, path, body)).body;

const user = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'User', fields });
const f1 = { name: 'f1', type: 'string' };
const f2 = { name: 'f2', type: 'string', default: '' };
const avro = (text: string) => ({ schema: text });

describe('subjects and versions', () => {
  it('registers, and knows it again: by subject, version, id and text', async () => {
    const { status, body, type } = await ask('POST', '/subjects/user/versions', avro(user(f1)));
    expect({ status, type }).toEqual({ status: 200, type: 'application/vnd.schemaregistry.v1+json' });
    const { id } = body as { id: number };
    // White space does not make another schema, another subject not another id.
    const spaced = JSON.stringify(JSON.parse(user(f1)), null, 2);
    expect(await bodyOf('POST', '/subjects/user/versions', avro(spaced))).toEqual({ id });
    expect(await bodyOf('POST', '/subjects/other/versions', avro(user(f1)))).toEqual({ id });
    const { id: second } = (await bodyOf('POST', '/subjects/user/versions', avro(user(f1, f2)))) as { id: number };
    expect(second).toBe(id + 1);
    expect(await bodyOf('GET', '/subjects')).toEqual(['other', 'user']);
    expect(await bodyOf('GET', '/subjects?subjectPrefix=us')).toEqual(['user']);
    expect(await bodyOf('GET', '/subjects/user/versions')).toEqual([1, 2]);
    const whole = { subject: 'user', version: 2, id: second, schema: user(f1, f2) };
    for (const version of ['2', 'latest', '-1'])
      expect(await bodyOf('GET', `/subjects/user/versions/${version}`)).toEqual(whole);
    expect(await bodyOf('POST', '/subjects/user', avro(user(f1)))).toEqual({
      ...whole,
      version: 1,
      id,
      schema: user(f1),
    });
    expect(await bodyOf('GET', `/schemas/ids/${id}`)).toEqual({ schema: user(f1) });
    expect(await bodyOf('GET', `/schemas/ids/${id}?fetchMaxId=true`)).toEqual({ schema: user(f1), maxId: second });
    expect(await bodyOf('GET', `/schemas/ids/${id}/schema`)).toEqual(JSON.parse(user(f1)));
    expect(await bodyOf('GET', '/subjects/user/versions/1/schema')).toEqual(JSON.parse(user(f1)));
    expect(await bodyOf('GET', `/schemas/ids/${id}/subjects`)).toEqual(['user', 'other']);
    expect(await bodyOf('GET', `/schemas/ids/${id}/versions`)).toEqual([
      { subject: 'user', version: 1 },
      { subject: 'other', version: 1 },
    ]);
    expect(await bodyOf('GET', '/schemas?subjectPrefix=user&latestOnly=true')).toEqual([whole]);
    expect(await bodyOf('GET', '/schemas/types')).toEqual(['JSON', 'PROTOBUF', 'AVRO']);
  });

  it('subjects with a slash', async () => {
    const { id } = (await bodyOf('POST', `/subjects/${encodeURIComponent('a/b c')}/versions`, avro('"int"'))) as {
      id: number;
    };
    expect(await bodyOf('GET', '/subjects/a%2Fb%20c/versions/1')).toMatchObject({
      subject: 'a/b c',
      id,
      schema: '"int"',
    });
  });

  it.each<[method: string, path: string, body: unknown, status: number, code: number]>([
    ['GET', '/subjects/none/versions', undefined, 404, 40401],
    ['GET', '/subjects/user/versions/9', undefined, 404, 40402],
    ['GET', '/subjects/user/versions/0', undefined, 422, 42202],
    ['GET', '/subjects/user/versions/first', undefined, 422, 42202],
    ['GET', '/schemas/ids/999', undefined, 404, 40403],
    ['GET', '/schemas/ids/none', undefined, 404, 40403],
    ['POST', '/subjects/user', avro('"long"'), 404, 40403],
    ['POST', '/subjects/none', avro('"long"'), 404, 40401],
    ['POST', '/subjects/user/versions', avro('{"type":'), 422, 42201],
    ['POST', '/subjects/user/versions', { schema: '"int"', schemaType: 'THRIFT' }, 422, 42201],
    ['POST', '/subjects/user/versions', {}, 422, 42201],
    ['POST', '/subjects/user/versions', avro(' '.repeat(registryBounds.schemaBytesMax + 1)), 422, 42201],
    ['POST', '/subjects/user/versions', avro(user(f1, { name: 'f3', type: 'int' })), 409, 409],
    ['POST', '/subjects/%00/versions', avro('"int"'), 422, 42208],
    ['DELETE', '/subjects/none', undefined, 404, 40401],
    ['DELETE', '/subjects/user?permanent=true', undefined, 404, 40405],
    ['DELETE', '/subjects/user/versions/2?permanent=true', undefined, 404, 40407],
    ['GET', '/config/user', undefined, 404, 40408],
    ['PUT', '/config', { compatibility: 'SIDEWAYS' }, 422, 42203],
    ['GET', '/mode/user', undefined, 404, 40409],
    ['PUT', '/mode', { mode: 'READONLY' }, 422, 42205],
    ['GET', '/nonsense', undefined, 404, 404],
  ])('%s %s %j answers %i, %i', async (method, path, body, status, code) => {
    expect(await ask(method, path, body)).toMatchObject({
      status,
      type: 'application/vnd.schemaregistry.v1+json',
      body: { error_code: code, message: expect.any(String) },
    });
  });

  it('removes in two steps; a version is not given again', async () => {
    for (const text of [user(f1), user(f1, f2)]) await ask('POST', '/subjects/going/versions', avro(text));
    expect(await bodyOf('DELETE', '/subjects/going/versions/1')).toBe(1);
    expect(await bodyOf('DELETE', '/subjects/going/versions/1')).toMatchObject({ error_code: 40406 });
    expect(await bodyOf('GET', '/subjects/going/versions')).toEqual([2]);
    expect(await bodyOf('GET', '/subjects/going/versions?deleted=true')).toEqual([1, 2]);
    expect(await bodyOf('DELETE', '/subjects/going/versions/1?permanent=true')).toBe(1);
    expect(await bodyOf('DELETE', '/subjects/going')).toEqual([2]);
    expect(await bodyOf('DELETE', '/subjects/going')).toMatchObject({ error_code: 40404 });
    expect(await bodyOf('GET', '/subjects?deleted=true')).toContain('going');
    expect(await bodyOf('POST', '/subjects/going/versions', avro(user(f1)))).toHaveProperty('id');
    expect(await bodyOf('GET', '/subjects/going/versions')).toEqual([3]);
    await ask('DELETE', '/subjects/going');
    expect(await bodyOf('DELETE', '/subjects/going?permanent=true')).toEqual([2, 3]);
    expect(await bodyOf('GET', '/subjects?deleted=true')).not.toContain('going');
  });

  it('many at once get an id each, and equal ones the same', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        bodyOf('POST', `/subjects/many-${i}/versions`, avro(user({ name: `g${i % 8}`, type: 'int' }))),
      ),
    );
    const ids = (answers as { id: number }[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(8);
    for (let i = 0; i < 8; i++) expect(ids[i]).toBe(ids[i + 8]);
  });
});

describe('references', () => {
  it('of Avro and Protobuf are followed, and held', async () => {
    const site = JSON.stringify({ type: 'record', name: 'plant.Site', fields: [{ name: 'line', type: 'int' }] });
    await ask('POST', '/subjects/site/versions', avro(site));
    const text = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'site', type: 'plant.Site' }] });
    expect(await ask('POST', '/subjects/r/versions', avro(text))).toMatchObject({ body: { error_code: 42201 } });
    const references = [{ name: 'plant.Site', subject: 'site', version: 1 }];
    const { id } = (await bodyOf('POST', '/subjects/r/versions', { schema: text, references })) as { id: number };
    expect(await bodyOf('GET', `/schemas/ids/${id}`)).toEqual({ schema: text, references });
    expect(await bodyOf('GET', '/subjects/site/versions/1/referencedby')).toEqual([id]);
    expect(await ask('DELETE', '/subjects/site')).toMatchObject({ status: 422, body: { error_code: 42206 } });

    const schemaType = 'PROTOBUF';
    await ask('POST', '/subjects/common/versions', {
      schemaType,
      schema: 'syntax = "proto3"; message Common { int32 a = 1; }',
    });
    const schema = 'syntax = "proto3"; import "common.proto"; message P { Common c = 1; }';
    const more = { schemaType, schema, references: [{ name: 'common.proto', subject: 'common', version: 1 }] };
    expect(await bodyOf('POST', '/subjects/p/versions', more)).toHaveProperty('id');
    expect(await bodyOf('GET', '/subjects/p/versions/1')).toMatchObject(more);
  });
});

describe('compatibility', () => {
  const check = (subject: string, body: object, version = '/latest') =>
    bodyOf('POST', `/compatibility/subjects/${subject}/versions${version}?verbose=true`, body);

  it('is checked without registering', async () => {
    await ask('POST', '/subjects/c/versions', avro(user(f1)));
    expect(await check('c', avro(user(f1, f2)))).toEqual({ is_compatible: true, messages: [] });
    const bad = user(f1, { name: 'f3', type: 'int' });
    for (const version of ['/latest', '/1', ''])
      expect(await check('c', avro(bad), version)).toEqual({
        is_compatible: false,
        messages: [expect.stringMatching(/version 1: .*f3/)],
      });
    expect(await check('c', avro(user(f1)), '/5')).toMatchObject({ error_code: 40402 });
    expect(await check('none', avro(user(f1)))).toMatchObject({ error_code: 40401 });
    expect(await bodyOf('GET', '/subjects/c/versions')).toEqual([1]);
  });

  it('goes by the level of all, of the subject, or that of all again', async () => {
    expect(await bodyOf('GET', '/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await bodyOf('PUT', '/config', { compatibility: 'FULL' })).toEqual({ compatibility: 'FULL' });
    expect(await bodyOf('GET', '/config/c?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'FULL' });
    expect(await bodyOf('PUT', '/config/c', { compatibility: 'NONE' })).toEqual({ compatibility: 'NONE' });
    expect(await bodyOf('GET', '/config/c')).toEqual({ compatibilityLevel: 'NONE' });
    expect(await bodyOf('POST', '/subjects/c/versions', avro('"string"'))).toHaveProperty('id');
    expect(await bodyOf('DELETE', '/config/c')).toEqual({ compatibilityLevel: 'NONE' });
    expect(await bodyOf('POST', '/subjects/c/versions', avro('"double"'))).toMatchObject({ error_code: 409 });
    await ask('DELETE', '/config');
    expect(await bodyOf('GET', '/mode')).toEqual({ mode: 'READWRITE' });
  });

  it('of JSON Schema is NONE, and anything else says so', async () => {
    const json = (type: string) => ({ schemaType: 'JSON', schema: JSON.stringify({ type }) });
    expect(await bodyOf('POST', '/subjects/j/versions', json('object'))).toHaveProperty('id');
    expect(await ask('POST', '/subjects/j/versions', json('array'))).toMatchObject({
      status: 422,
      body: { error_code: 42203, message: expect.stringMatching(/not offered for JSON Schema/) },
    });
    expect(await check('j', json('array'))).toMatchObject({ error_code: 42203 });
    await ask('PUT', '/config/j', { compatibility: 'NONE' });
    expect(await bodyOf('POST', '/subjects/j/versions', json('array'))).toHaveProperty('id');
  });
});

it('a page of another site may not change it', async () => {
  const response = await fetch(`${pipeline.url}/schema-registry/subjects/x/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://example.com' },
    body: JSON.stringify(avro('"int"')),
  });
  expect(response.status).toBe(403);
});
