import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboardAt, ownDashboard } from '../../../infra/commands/dashboard-client.ts';
import { configSchema } from '../../../infra/config/schema.ts';
import { MillraceError } from '../../../infra/errors.ts';
import { startPipeline, type PipelineUnderTest } from '../pipeline-under-test.ts';

const password = 'correct-horse';
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('a dashboard with a password', () => {
  let pipeline: PipelineUnderTest;
  beforeAll(async () => {
    pipeline = await startPipeline({ config: { http: { port: 0, password } } });
  });
  afterAll(() => pipeline[Symbol.asyncDispose]());

  const open = (path: string, headers: Record<string, string> = {}) =>
    fetch(pipeline.url + path, { headers, redirect: 'manual' });
  const signIn = async (given: string) => {
    const response = await fetch(`${pipeline.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: given }),
    });
    return { status: response.status, cookie: response.headers.get('set-cookie') ?? '' };
  };
  /** What becomes of an upgrade of `/live`. */
  const live = (headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${pipeline.url.replace('http', 'ws')}/live`, { headers });
      socket.on('open', () => (socket.close(), resolve(101)));
      socket.on('unexpected-response', (_request, { statusCode }) => (socket.terminate(), resolve(statusCode!)));
      socket.on('error', () => {}); // the refusal, once more
    });

  it.each([
    ['/api/v1/status', 401],
    ['/api/v1/devices?limit=1', 401],
    ['/api/openapi.json', 401],
    ['/metrics', 401],
    ['/', 401],
    ['/index.html', 401],
    ['/api/v1/session/../status', 401],
    ['/assets/../api/v1/status', 401],
    ['//api/v1/status', 401],
    ['/healthz', 200],
    ['/readyz', 503],
    ['/sign-in', 200],
    ['/assets/page-1a2b3c.js', 200],
  ] as const)('without it %s answers %i', async (path, status) => {
    expect((await open(path)).status).toBe(status);
  });

  it('who opens a page is led to the sign-in, and the page knows where from', async () => {
    const response = await open('/devices/a%2Fb?from=-15m', { accept: 'text/html,*/*' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`/sign-in?to=${encodeURIComponent('/devices/a%2Fb?from=-15m')}`);
  });

  it('commands come in by its configuration, or by its address and MILLRACE_PASSWORD', async () => {
    const { port } = new URL(pipeline.url);
    const config = { ...configSchema.parse({ http: { port: Number(port), password } }), data: '/nonexistent' };
    expect((await ownDashboard(config).ask('/devices?limit=1')).status).toBe(200);
    expect((await dashboardAt(pipeline.url, { MILLRACE_PASSWORD: password }).ask('/devices?limit=1')).status).toBe(200);
    const { status, text } = await dashboardAt(pipeline.url, {}).ask('/devices?limit=1');
    expect([status, text]).toEqual([401, expect.stringContaining('MILLRACE_PASSWORD')]);
    expect(() => dashboardAt('127.0.0.1:8080', {})).toThrow(MillraceError);
    await expect(dashboardAt('http://127.0.0.1:1', {}).ask('/devices')).rejects.toThrow('ECONNREFUSED');
  });

  it('asks in a way for which browsers open no window of their own', async () => {
    expect((await open('/metrics')).headers.get('www-authenticate')).toBe('Bearer realm="Millrace"');
  });

  it.each([
    ['Basic', basic(`anybody:${password}`), 200],
    ['Basic with a colon too few', basic(password), 401],
    ['Bearer', { authorization: `Bearer ${password}` }, 200],
    ['Bearer, wrong', { authorization: 'Bearer wrong' }, 401],
    ['Basic, wrong', basic('anybody:wrong'), 401],
    ['a made-up cookie', { cookie: 'millrace_session=abc' }, 401],
  ] as const)('programs: %s', async (_, headers, status) => {
    expect((await open('/api/v1/status', headers)).status).toBe(status);
    expect(await live(headers)).toBe(status === 200 ? 101 : status);
  });

  it('people: a session by a cookie that scripts and other sites do not get, until they sign out', async () => {
    expect(await signIn('wrong horse')).toEqual({ status: 401, cookie: '' });
    const { status, cookie } = await signIn(password);
    expect(status).toBe(204);
    expect(cookie).toMatch(/^millrace_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const headers = { cookie: `other=1; ${cookie.split(';')[0]}` };
    expect((await open('/api/v1/status', headers)).status).toBe(200);
    expect((await open('/', headers)).status).toBe(200);
    expect(await live(headers)).toBe(101);
    const out = await fetch(`${pipeline.url}/api/v1/session`, { method: 'DELETE', headers });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await open('/api/v1/status', headers)).status).toBe(401);
    expect(await live(headers)).toBe(401);
  });

  it("another site's page cannot sign in or out, and a foreign host name is not answered", async () => {
    const headers = { 'content-type': 'application/json', origin: 'http://evil.example' };
    const body = JSON.stringify({ password });
    expect((await fetch(`${pipeline.url}/api/v1/session`, { method: 'POST', headers, body })).status).toBe(403);
    expect(
      (await fetch(`${pipeline.url}/api/v1/session`, { method: 'DELETE', headers: { origin: 'null' } })).status,
    ).toBe(403);
  });

  it('many wrong passwords of one address: 429, also at once; who knows it goes on', async () => {
    const { cookie } = await signIn(password);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => signIn(`wrong ${i}`)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
    expect(statuses).toContain(429);
    expect((await open('/api/v1/status', { cookie: cookie.split(';')[0]! })).status).toBe(200);
    expect((await open('/api/v1/status', basic(`:${password}`))).status).toBe(200);
  });
});

it('elsewhere than loopback it does not start without a password', async () => {
  await expect(startPipeline({ config: { http: { port: 0, host: '0.0.0.0' } } })).rejects.toMatchObject({
    code: 'PASSWORD_NEEDED',
  });
});
