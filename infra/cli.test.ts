import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../test/millrace.ts';

let data: string;
beforeAll(async () => void (data = await mkdtemp(join(tmpdir(), 'millrace-cli-'))));
afterAll(() => rm(data, { recursive: true }));

/** Of a command that is given wrong: each says what is wrong, and nothing else runs. */
describe.concurrent('wrong usage: exit code 2', () => {
  it.each<[string, string]>([
    ['nonsense', "error  unknown command 'nonsense'\nadd --help for what can be said here"],
    ['device ad', "error  unknown command 'ad'\n(Did you mean add?)"],
    ['device add', "error  missing required argument 'name'"],
    ['device add x --for toaster', 'error  --for must be all or one of arduino'],
    ['quarantine list --limit 0', 'error  --limit must be a whole number from 1 to 200, is "0"'],
    ['quarantine list --reason x', 'error  --reason is "x", must be one of no-template, '],
    ['quarantine list --after x', 'error  --after must be what the page before says, such as 21.0'],
    ['quarantine groups --limit 1001', 'error  --limit must be a whole number from 1 to 1000'],
    ['audit --limit x', 'error  --limit must be a whole number from 1 to 10000, is "x"'],
    ['command a/b set --attempts 21', 'error  --attempts must be a whole number from 1 to 20'],
    ['simulate --csv nofile', 'error  --csv: nofile cannot be read (ENOENT)'],
    ['simulate --url foo', 'error  --url must be the address of a broker such as mqtt://127.0.0.1:1883'],
  ])('%s', async (line, expected) => {
    const { code, stdout, stderr } = await runCommand(line.split(' '), { MILLRACE_DATA: data });
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain('    at ');
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe.concurrent('where nothing runs', () => {
  it.each<[string, string]>([
    ['quarantine groups', 'No dashboard answers at http://127.0.0.1:1 '],
    ['command a/b set', 'Nothing runs on the data directory '],
    ['validate --config nofile.yaml', 'does not exist: name another file with --config or MILLRACE_CONFIG'],
  ])('%s', async (line, expected) => {
    const { code, stderr } = await runCommand(line.split(' '), { MILLRACE_DATA: data, MILLRACE_HTTP_PORT: '1' });
    expect(stderr).toContain(expected);
    expect(code).toBe(1);
  });
});

it('help names each command in a line that leaves room for what it does', async () => {
  const { code, stdout } = await runCommand(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}command {9}send a command to a device/m);
  expect(stdout).toContain('npx millrace device add kitchen');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
});
