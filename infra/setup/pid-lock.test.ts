import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'millrace-pid-lock-'))));
afterEach(() => rmSync(directory, { recursive: true }));

test('of many processes one at a time holds it, a dead holder’s lock included', async () => {
  const lock = join(directory, 'lock');
  const count = join(directory, 'count');
  writeFileSync(lock, JSON.stringify({ pid: 2 ** 22 + 1, start: '1' }));
  writeFileSync(count, '0');
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'pid-lock.mjs'))};
    for (let i = 0; i < 5; i++) await withLock(${JSON.stringify(lock)}, () => {}, async () => {
      const before = Number(readFileSync(${JSON.stringify(count)}, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(${JSON.stringify(count)}, String(before + 1));
    });`;
  const args = ['--input-type=module', '-e', program];
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, args, { stdio: 'inherit' }));
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(readFileSync(count, 'utf8')).toBe('20');
  expect(readdirSync(directory)).toEqual(['count']);
});
