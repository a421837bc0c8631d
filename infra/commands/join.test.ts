import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { joinEnvironment, joinFile, writeJoinFile } from './join.ts';

let data: string;
beforeAll(() => (data = mkdtempSync(join(tmpdir(), 'millrace-join-'))));
afterAll(() => rmSync(data, { recursive: true }));

it('a service finds the pipeline of its data directory, unless it is told of another', () => {
  const env = { MILLRACE_DATA: data };
  expect(joinEnvironment('processors', env)).toBe(env);
  const of = (user: string) => ({ MILLRACE_NATS_URL: 'nats://127.0.0.1:14222', MILLRACE_NATS_USER: user });
  writeJoinFile(joinFile(data), { ingest: of('ingest'), processors: of('processors'), dashboard: of('dashboard') });
  expect(joinEnvironment('processors', env)).toEqual({ ...env, ...of('processors') });
  const told = { ...env, MILLRACE_NATS_URL: 'nats://elsewhere:4222' };
  expect(joinEnvironment('processors', told)).toBe(told);
});
