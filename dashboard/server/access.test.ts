import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AuditAnswer, CredentialCreated, CredentialsAnswer } from '../../events/api-access.ts';
import { startPipeline, type PipelineUnderTest } from './pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline[Symbol.asyncDispose]());

const path = '/api/v1/credentials';
const post = (body: object, at = path) => pipeline.send<CredentialCreated>('POST', at, body);
const list = async (query = '') => (await pipeline.get<CredentialsAnswer>(path + query)).body;

it('a credential is made, rotated and revoked; its secret is shown once; each is in the audit log', async () => {
  const made = await post({ name: 'kitchen', tags: { site: 'home' }, publish: ['sensors/{site}/{name}'] });
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'kitchen', secret: expect.stringMatching(/^mrd_[\w-]{43}$/) as string, subscribe: null },
  });
  const rotated = await post({ overlapS: 60 }, `${path}/kitchen/rotate`);
  expect(rotated.status).toBe(200);
  expect(rotated.body.secret).not.toBe(made.body.secret);
  expect(rotated.body.secrets).toEqual([
    { fromUs: expect.any(Number) as number, untilUs: null },
    { fromUs: made.body.secrets[0]!.fromUs, untilUs: expect.any(Number) as number },
  ]);
  await vi.waitFor(async () => expect((await list()).items[0]!.secrets).toHaveLength(2));
  const shown = JSON.stringify(await list());
  for (const hidden of [made.body.secret!, rotated.body.secret!, 'sha256']) expect(shown).not.toContain(hidden);

  expect((await pipeline.send('DELETE', `${path}/kitchen`)).status).toBe(204);
  expect((await pipeline.send('DELETE', `${path}/kitchen`)).status).toBe(404);
  expect((await pipeline.send('DELETE', `${path}/sha256:${'ab'.repeat(32)}`)).status).toBe(204);
  await vi.waitFor(async () => expect((await list()).items[0]!.revokedAtUs).not.toBeNull());

  const page = await pipeline.get<AuditAnswer>('/api/v1/audit?limit=3');
  expect(page.body.items.map(({ what, who, by }) => [what, who, by])).toEqual([
    ['certificate-revoked', 'ab'.repeat(32), 'api'],
    ['credential-revoked', 'kitchen', 'api'],
    ['credential-rotated', 'kitchen', 'api'],
  ]);
  const rest = await pipeline.get<AuditAnswer>(`/api/v1/audit?before=${page.body.next}`);
  expect(rest.body).toMatchObject({ items: [{ what: 'credential-added', address: '127.0.0.1' }], next: null });
});

it.each([
  [{ name: 'a/b' }, 400, 'BAD_CREDENTIAL'],
  [{ name: 'a', publish: ['x/{line}'] }, 400, 'BAD_CREDENTIAL'],
  [{ name: 'a', certificate: 'no' }, 400, 'BAD_CREDENTIAL'],
  [{ name: 'a', secret: 'mine' }, 400, 'BAD_REQUEST'],
  [{}, 400, 'BAD_REQUEST'],
])('%j answers %i %s', async (body, status, error) => {
  expect(await post(body)).toMatchObject({ status, body: { error } });
});

it('what exists is not made again, what does not is not rotated, and pages are cut by name', async () => {
  for (const name of ['a', 'b', 'c']) expect((await post({ name })).status).toBe(201);
  expect(await post({ name: 'a' })).toMatchObject({ status: 409, body: { error: 'EXISTS' } });
  expect(await post({}, `${path}/nobody/rotate`)).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
  await vi.waitFor(async () => expect((await list()).items.map(({ name }) => name)).toContain('c'));
  const page = await list('?limit=2');
  expect([page.items.map(({ name }) => name), page.next]).toEqual([['a', 'b'], 'b']);
  expect((await list('?after=b')).items.map(({ name }) => name)).toEqual(['c', 'kitchen']);
});
