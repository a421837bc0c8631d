import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../infra/errors.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

// Not asked of git: where the tests run it may be missing, or refuse a checkout that belongs to somebody else.
const ignored = ['.git', ...read('.gitignore').split('\n')].map((line) => line.replace(/\/$/, ''));
const files = filesBelow('');
const code = files.filter((file) => /\.(ts|tsx|mjs|mts)$/.test(file));
const pages = files.filter((file) => file.endsWith('.md'));

const linesMax = 300;
const forbiddenNames = /(^|\/)(utils?|helpers?|common|shared|misc|index)\.(ts|tsx|mjs)$/;

/** Relative targets of a Markdown page's links and pictures that do not exist. */
export function brokenLinks(page: string, text: string, exists: (file: string) => boolean): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    (match) => (match[1] ?? match[2])!,
  );
  return targets
    .filter((target) => !/^(https?:|mailto:|#)/.test(target))
    .map((target) => join(dirname(page), target.split('#')[0]!))
    .filter((file) => !exists(file));
}

/** Paths of files below a folder (`''` or ending with `/`) that .gitignore does not leave out. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (ignored.some((pattern) => matchesGlob(entry.name, pattern) || path === pattern)) return [];
    return entry.isDirectory() ? filesBelow(`${path}/`) : [path];
  });
}

describe('the repository', () => {
  it(`no file of code is longer than ${linesMax} lines`, () => {
    expect(code.filter((file) => read(file).split('\n').length > linesMax)).toEqual([]);
  });

  it('no file is named for leftovers', () => {
    expect(code.filter((file) => forbiddenNames.test(file))).toEqual([]);
    expect(forbiddenNames.test('infra/utils.ts')).toBe(true);
  });

  it('no test is skipped or alone, and none sleeps', () => {
    const tests = code.filter((file) => file.includes('.test.'));
    const offences = /\b(it|describe|test)\.(skip|only|todo|fails)\b|\bsetTimeout\(resolve/;
    expect(tests.filter((file) => !file.endsWith('house.test.ts') && offences.test(read(file)))).toEqual([]);
    expect(offences.test('it.skip("x")')).toBe(true);
    expect(offences.test('new Promise((resolve) => setTimeout(resolve, 100))')).toBe(true);
  });

  it('regular expressions of users are run by RE2 only: nothing else makes one of text', () => {
    const making = /\bRegExp\(/;
    // A pattern of our own; and the one that says whether a pattern is one, and is never run.
    const known = ['infra/config/units.ts', 'infra/schemas/re2-syntax.ts'];
    const found = code.filter((file) => !file.includes('.test.') && making.test(read(file)));
    expect(found.toSorted()).toEqual(known);
  });

  it('each link in a page leads somewhere', () => {
    const broken = pages.flatMap((page) =>
      brokenLinks(page, read(page), (file) => existsSync(join(root, file))).map((file) => `${page}: ${file}`),
    );
    expect(broken).toEqual([]);
    expect(brokenLinks('docs/a.md', '[x](b.md) ![y](../c.png) [z](https://d)', () => false)).toEqual([
      'docs/b.md',
      'c.png',
    ]);
  });

  it('docs/errors.md holds the catalogue of errors', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\|$/gm)].map((row) => [
      row[1],
      row[2],
    ]);
    expect(Object.fromEntries(rows)).toEqual(errorCodes);
  });

  it('the lockfile names no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved"/);
  });

  it('decision records are numbered without a gap', () => {
    const numbers = files
      .filter((file) => /^docs\/decisions\/\d{4}-/.test(file))
      .map((file) => Number(file.slice('docs/decisions/'.length).slice(0, 4)))
      .toSorted((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
});
