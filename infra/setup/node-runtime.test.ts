import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findNode, isRecent, packageName } from './node-runtime.mjs';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'millrace-node-'))));
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ['18.20.0', false],
  ['22.18.9', false],
  ['22.19.0', true],
  ['23.0.0', true],
  ['24.21.0', true],
])('Node %s is recent: %s', (version, recent) => expect(isRecent(version)).toBe(recent));

const old = { path: '/usr/bin/node', version: '20.20.2' };

test('a recent Node runs the program itself', () => {
  const current = { path: '/opt/node', version: '24.1.0' };
  expect(findNode(root, current)).toBe(current);
});

test('an old one makes way for the one in node_modules', () => {
  const home = join(root, 'node_modules', packageName());
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', 'node'), '');
  writeFileSync(join(home, 'package.json'), '{"version":"24.21.0"}');
  expect(findNode(root, old)).toEqual({ path: join(home, 'bin', 'node'), version: '24.21.0' });
});

test('one that a full disk cut off is named, not parsed', () => {
  const home = join(root, 'node_modules', packageName());
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', 'node'), '');
  writeFileSync(join(home, 'package.json'), '');
  expect(() => findNode(root, old)).toThrow(/is incomplete. Make sure that the disk has room/);
});

test('where there is none, the sentence says what to do', () => {
  expect(() => findNode(root, old)).toThrow(/needs Node 22\.19 or newer, this is 20\.20\.2.*Install a newer Node/);
});
