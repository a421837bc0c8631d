import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadProcessors } from './load.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-processors-'));
  await writeFile(join(directory, 'number.mjs'), 'export default 42;');
  await writeFile(join(directory, 'throws.mjs'), 'throw new Error("not today");');
  await writeFile(join(directory, 'broken.mjs'), 'export default (readings => {');
  await writeFile(join(directory, 'good.mjs'), 'export default (readings) => readings;');
});
afterAll(() => rm(directory, { recursive: true }));

it.each([
  ['missing.ts', /missing\.ts cannot be read/],
  ['number.mjs', /must export a function by default/],
  ['throws.mjs', /cannot be loaded: .*not today/],
  ['broken.mjs', /cannot be loaded/],
])('says why %s cannot be loaded, and loads the others', async (file, problem) => {
  const configured = [file, 'good.mjs'].map((each) => ({ name: each, file: each }));
  const [refused, good] = await loadProcessors(configured, directory);
  expect(refused).toMatchObject({ name: file, problem: expect.stringMatching(problem) });
  expect(good).not.toHaveProperty('problem');
});

it('loads', async () => {
  const [loaded] = await loadProcessors([{ name: 'mine', file: 'good.mjs' }], directory);
  expect(loaded).toMatchObject({ name: 'mine', file: 'good.mjs', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(loaded!.run).toBeTypeOf('function');
});

it('loads the example by its path in the checkout', async () => {
  const checkout = join(import.meta.dirname, '..', '..');
  const [loaded] = await loadProcessors([{ name: 'example', file: 'processors/custom/example.ts' }], checkout);
  expect(loaded!.run).toBeTypeOf('function');
});
