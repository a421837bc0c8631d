import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toolPath } from '../../infra/setup/test-tools.ts';
import { startMillrace, until, type Millrace } from '../millrace.ts';

let millrace: Millrace;
beforeAll(async () => {
  millrace = await startMillrace();
});
afterAll(() => millrace?.[Symbol.asyncDispose]());

it('promtool finds nothing to say about /metrics', async () => {
  const metrics = await until('each process has reported its metrics', async () => {
    const text = await (await fetch(`${millrace.url}/metrics`)).text();
    return (
      ['millrace_ingest_', 'millrace_processors_', 'millrace_viewers'].every((name) => text.includes(name)) && text
    );
  });
  const tool = toolPath('promtool');
  const child = spawn(tool.path, ['check', 'metrics'], { env: { ...process.env, ...tool.env } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(metrics);
  const [code] = (await once(child, 'close')) as [number];
  expect(output).toBe('');
  expect(code).toBe(0);
});
