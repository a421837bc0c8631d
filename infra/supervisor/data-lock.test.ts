import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDirectory } from './data-lock.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'millrace-lock-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** Another process that holds the lock until it is killed. */
async function otherHolder() {
  const module = JSON.stringify(join(import.meta.dirname, 'data-lock.ts'));
  const code = `import { lockDataDirectory } from ${module}; lockDataDirectory(${JSON.stringify(directory)});
    process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const args = ['--input-type=module-typescript', '-e', code];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('is refused while another process holds it, and free once that was killed', async () => {
  const other = await otherHolder();
  expect(() => lockDataDirectory(directory)).toThrow(
    expect.objectContaining({
      code: 'ALREADY_RUNNING',
      message: expect.stringContaining(`pid ${other.pid}`) as string,
    }),
  );
  other.kill('SIGKILL');
  await once(other, 'exit');
  lockDataDirectory(directory)();
  lockDataDirectory(directory)();
});

test('a recycled pid or a damaged file does not hold it', () => {
  for (const text of [JSON.stringify({ pid: process.pid, start: '1' }), '{"pid', '']) {
    writeFileSync(join(directory, 'millrace.lock'), text);
    lockDataDirectory(directory)();
  }
});

test('a directory that cannot be made or written is named', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => lockDataDirectory(join(directory, 'file', 'data'))).toThrow(
    expect.objectContaining({ code: 'DATA_NOT_WRITABLE', message: expect.stringContaining('ENOTDIR') as string }),
  );
});
