import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastLines, rotateLog } from './child-log.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  path = join(directory, 'ingest.log');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a log at its bound stays, one byte above it is set aside and emptied', () => {
  writeFileSync(path, 'x'.repeat(100));
  expect(rotateLog(path, 100)).toBe(false);
  writeFileSync(path, 'y'.repeat(101));
  expect(rotateLog(path, 100)).toBe(true);
  expect(statSync(path).size).toBe(0);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('y'.repeat(101));
});

test.each([
  ['one\ntwo\nthree\n', ['two', 'three']],
  ['one\n\n', ['one']],
  ['', []],
  [`${'z'.repeat(9_000)}\nlast`, ['z'.repeat(300), 'last']],
])('last lines of %j', (text, lines) => {
  writeFileSync(path, text);
  expect(lastLines(path, 2)).toEqual(lines);
});

test('no log, no lines', () => expect(lastLines(path)).toEqual([]));
