import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout } from './setup/checkout.ts';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'millrace-launch-'))));
afterAll(() => rmSync(directory, { recursive: true }));

/** Starts the launcher with a script of this text. */
function launch(text: string, ...args: string[]) {
  const script = join(directory, `script-${Math.random().toString(36).slice(2)}.ts`);
  writeFileSync(script, text);
  const launcher = join(checkout, 'infra', 'launch.mjs');
  const command = [launcher, '--script', relative(checkout, script), ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, ended };
}

test('runs TypeScript with its arguments and hands back the exit code, saying nothing', async () => {
  const { child, ended } = launch(
    'const args: string[] = process.argv.slice(2); console.log(args); process.exit(7);',
    'a b',
  );
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  expect((await ended)[0]).toBe(7);
  expect(stdout.join('')).toBe("[ 'a b' ]\n");
  expect(stderr.join('')).toBe('');
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on, once, and waits for a calm end', async (signal) => {
  const { child, ended } = launch(`
    let count = 0;
    process.on('${signal}', () => { count++; setTimeout(() => { console.log('count', count); process.exit(0); }, 300); });
    setInterval(() => {}, 1000);
    console.log('ready');`);
  const lines = child.stdout.setEncoding('utf8');
  await once(lines, 'data');
  const rest = lines.toArray();
  child.kill(signal);
  // As npm does after the terminal did: a second one for the same Ctrl-C.
  if (signal === 'SIGINT') child.kill(signal);
  expect((await ended)[0]).toBe(0);
  expect((await rest).join('')).toBe('count 1\n');
});

test('a program that a signal ended is reported as shells do', async () => {
  const { ended } = launch('process.kill(process.pid, "SIGKILL");');
  expect((await ended)[0]).toBe(137);
});

// The terminal's SIGINT also reaches the shell that npm runs a script with. A dash that waits for its child dies of it at
// once: npm then ends with 130 and the prompt is back while the program is still stopping.
test('npm scripts leave no shell above the launcher', () => {
  const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const command of Object.values(scripts)) expect(command).toMatch(/^exec node infra\/launch\.mjs /);
});
