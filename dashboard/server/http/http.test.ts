import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPipeline } from '../pipeline-under-test.ts';
import type { PipelineUnderTest } from '../pipeline-under-test.ts';

let pipeline: PipelineUnderTest;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline[Symbol.asyncDispose]());

/** `fetch` sets Host by itself. */
function statusWith(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(pipeline.url + path, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

it.each([
  ['GET', '/', { host: 'evil.example' }, 421],
  ['GET', '/api/v1/devices', { host: 'evil.example' }, 421],
  ['GET', '/readyz', { host: 'evil.example' }, 421],
  ['GET', '/', { host: 'localhost:1' }, 200],
  ['GET', '/', { origin: 'http://evil.example' }, 200],
  ['DELETE', '/api/v1/webhooks/a', { origin: 'http://evil.example' }, 403],
  ['DELETE', '/api/v1/webhooks/a', {}, 404],
] as const)('%s %s with %j answers %i', async (method, path, headers, status) => {
  expect(await statusWith(method, path, headers)).toBe(status);
});

describe('the page', () => {
  it('is served at every address that it resolves itself, under a strict policy', async () => {
    for (const path of ['/', '/devices', '/devices/plant1%2Fpress-7', '/alerts?x=1']) {
      const response = await fetch(pipeline.url + path);
      expect(await response.text()).toContain('<title>Millrace</title>');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const policy = response.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('files with a hash in their name are kept for ever; others that are missing are missing', async () => {
    const hashed = await fetch(`${pipeline.url}/assets/page-1a2b3c.js`);
    expect(hashed.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${pipeline.url}/assets/gone.js`)).status).toBe(404);
    expect((await fetch(`${pipeline.url}/../package.json`)).status).toBe(404);
    expect((await fetch(`${pipeline.url}/%2e%2e%2fpackage.json`)).status).not.toBe(200);
  });
});

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Record<string, { readonly description?: string; readonly content?: object }>;
  readonly summary?: string;
}

it('describes itself: every route of the interface, with its answers', async () => {
  const { body } = await pipeline.get<{ openapi: string; paths: Record<string, Record<string, Operation>> }>(
    '/api/openapi.json',
  );
  expect(body.openapi).toMatch(/^3\.1/);
  const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(operations.map(({ path, method }) => `${method} ${path.replace('/api/v1', '')}`).toSorted()).toEqual([
    'delete /credentials/{name}',
    'delete /webhooks/{name}',
    'get /alerts',
    'get /alerts/{id}',
    'get /alerts/{id}/history',
    'get /audit',
    'get /credentials',
    'get /devices',
    'get /devices/{key}',
    'get /devices/{key}/commands',
    'get /devices/{key}/commands/{id}',
    'get /devices/{key}/history',
    'get /ledger',
    'get /overview',
    'get /quarantine',
    'get /quarantine/groups',
    'get /quarantine/items/{id}',
    'get /readyz',
    'get /status',
    'get /topics/unmatched',
    'get /webhooks',
    'get /webhooks/{name}/deliveries',
    'post /credentials',
    'post /credentials/{name}/rotate',
    'post /devices/{key}/commands',
    'post /devices/{key}/erase',
    'post /devices/{key}/rename',
    'post /devices/{key}/replace',
    'post /devices/{key}/retire',
    'post /devices/{key}/revive',
    'post /devices/{key}/undo',
    'post /quarantine/redrive',
    'post /webhooks',
  ]);
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(declared.map(({ name }) => name)).toEqual(named);
    expect(operation.summary).toBeTruthy();
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(response.description).toBeTruthy();
      expect(status === '204' || response.content !== undefined).toBe(true);
    }
  }
});
