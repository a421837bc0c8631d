import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureDependencies } from './dependencies.mjs';

let root: string;
let steps: string[];
const setup = { doing: (text: string) => void steps.push(text), done: (text: string) => void steps.push(text) };

// Without dependencies npm needs no network.
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-dependencies-'));
  steps = [];
  lock({ version: '1.0.0' });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, value: unknown): void {
  writeFileSync(join(root, path), JSON.stringify(value));
}

function lock({ version, dependencies = {} }: { version: string; dependencies?: Record<string, string> }): void {
  write('package.json', { name: 'user', version, dependencies });
  write('package-lock.json', {
    name: 'user',
    version,
    lockfileVersion: 3,
    packages: { '': { name: 'user', version } },
  });
}

const worked = ['installing dependencies', expect.stringMatching(/^dependencies \d+\.\d s$/)];

test('installs once, then has nothing to do until the lockfile changes', async () => {
  await ensureDependencies(root, setup);
  expect(steps).toEqual(worked);
  await ensureDependencies(root, setup);
  expect(steps).toHaveLength(2);
  lock({ version: '1.0.1' });
  rmSync(join(root, 'node_modules'), { recursive: true });
  await ensureDependencies(root, setup);
  expect(steps).toEqual([...worked, ...worked]);
});

test('takes what npm itself has installed as it is', async () => {
  await ensureDependencies(root, setup);
  rmSync(join(root, 'node_modules', '.millrace-lock'));
  write('node_modules/.package-lock.json', { packages: {} });
  await ensureDependencies(root, setup);
  expect(steps).toHaveLength(2);
  expect(existsSync(join(root, 'node_modules', '.millrace-lock'))).toBe(true);
});

test.each([
  [process.platform, true],
  ['another', false],
])('a native package for %s that is missing is fetched: %s', async (os, isFetched) => {
  await ensureDependencies(root, setup);
  rmSync(join(root, 'node_modules', '.millrace-lock'));
  const native = { version: '1.0.0', optional: true, os: [os], cpu: [process.arch] };
  write('package-lock.json', { lockfileVersion: 3, packages: { '': {}, 'node_modules/native': native } });
  write('node_modules/.package-lock.json', { packages: {} });
  steps = [];
  await ensureDependencies(root, setup);
  expect(steps).toEqual(isFetched ? worked : []);
});

test('a record that a full disk cut off counts as nothing installed', async () => {
  await ensureDependencies(root, setup);
  rmSync(join(root, 'node_modules', '.millrace-lock'));
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{"packages"');
  await ensureDependencies(root, setup);
  expect(steps).toEqual([...worked, ...worked]);
});

test('two at once install once', async () => {
  await Promise.all([ensureDependencies(root, setup), ensureDependencies(root, setup)]);
  expect(steps.filter((step) => step === 'installing dependencies')).toHaveLength(1);
  expect(statSync(join(root, 'node_modules', '.millrace-lock')).size).toBe(64);
});

test('says what npm said and what to do when it fails', async () => {
  lock({ version: '1.0.0', dependencies: { missing: '1.0.0' } });
  await expect(ensureDependencies(root, setup)).rejects.toThrow(
    /could not be installed:\n[^]*[Mm]issing[^]*Check that the npm registry can be reached, then run the command again\.$/,
  );
});
