import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkout } from '../../infra/setup/checkout.ts';
import { guards, runGuard, type Guard } from '../../infra/setup/guards.ts';

// A guard that has never been seen to fail guards nothing: each runs, with the project's own settings, on a small
// checkout that is in order, and on the same with a violation planted.

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-guards-'));
  copy('tsconfig.json', '.oxlintrc.json', '.oxfmtrc.json', 'knip.json', '.gitignore');
  symlinkSync(join(checkout, 'node_modules'), join(directory, 'node_modules'));
  plant({
    'package.json': `${JSON.stringify({ name: 'planted', private: true, type: 'module' }, null, 2)}\n`,
    'events/reading.ts': `/** A value. */\nexport const value = 1;\n`,
    'infra/cli.ts': `import { value } from '../events/reading.ts';\n\nprocess.stdout.write(String(value));\n`,
  });
  for (const folder of ['ingest', 'processors', 'dashboard/server', 'dashboard/web', 'simulators', 'bench']) {
    mkdirSync(join(directory, folder), { recursive: true });
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

function copy(...files: string[]): void {
  for (const file of files) cpSync(join(checkout, file), join(directory, file));
}

function plant(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

async function run(name: Guard['name']) {
  let output = '';
  const code = await runGuard(
    guards.find((guard) => guard.name === name)!,
    directory,
    (text) => (output += text),
  );
  return { code, output };
}

test.each<[Guard['name'], Record<string, string>, RegExp]>([
  ['types', { 'ingest/wrong.ts': `export const text: string = 1;\n` }, /ingest\/wrong\.ts.*TS2322/s],
  ['types', { 'ingest/wrong.ts': `export enum Kind {\n  A,\n}\n` }, /TS1294/],
  ['format', { 'ingest/wrong.ts': `export const text = "double";\n` }, /ingest\/wrong\.ts/],
  ['dead code', { 'ingest/unused.ts': `export const unused = 1;\n` }, /ingest\/unused\.ts/],
  ['dead code', { 'events/reading.ts': `export const value = 1;\nexport const unused = 2;\n` }, /unused/],
  ['imports', { 'events/wrong.ts': `import '../infra/cli.ts';\n` }, /events\/wrong\.ts/],
  ['imports', { 'ingest/wrong.ts': `import { connect } from 'nats';\n\nvoid connect;\n` }, /ingest\/wrong\.ts/],
])('%s: fails on %j and not without', async (name, files, message) => {
  if (name === 'imports') copy('vitest.config.ts', 'test/repository/imports.test.ts');
  expect(await run(name)).toMatchObject({ code: 0 });
  plant(files);
  const { code, output } = await run(name);
  expect(code).not.toBe(0);
  expect(output).toMatch(message);
});

test('lint: passes what is in order', async () => expect(await run('lint')).toMatchObject({ code: 0 }));

const promise = 'declare function send(): Promise<void>;\n';

test.each([
  ['typescript(no-floating-promises)', `${promise}send();\n`],
  ['typescript(no-misused-promises)', `${promise}process.on('exit', () => send());\n`],
  ['typescript(no-misused-promises)', `${promise}if (send()) process.exit();\n`],
  ['typescript(no-explicit-any)', `export const text: any = 1;\n`],
  ['eslint(no-unused-vars)', `const unused = 1;\n`],
  ['eslint(no-empty)', `try {\n  process.exit();\n} catch {}\n`],
  ['import(no-cycle)', `import { text } from './wrong.ts';\n\nexport const other = text;\n`],
  ['oxc(no-barrel-file)', `export * from '../events/reading.ts';\n`],
  ['vitest(no-focused-tests)', `import { test } from 'vitest';\n\ntest.only('x', () => {});\n`],
  ['vitest(no-disabled-tests)', `import { test } from 'vitest';\n\ntest.skip('x', () => {});\n`],
])('lint: fails on a planted %s', async (rule, code) => {
  const file = rule.startsWith('vitest') ? 'ingest/planted.test.ts' : 'ingest/planted.ts';
  plant({ [file]: code, 'ingest/wrong.ts': `import { other } from './planted.ts';\n\nexport const text = other;\n` });
  const { code: exitCode, output } = await run('lint');
  expect(exitCode).not.toBe(0);
  expect(output).toContain(rule);
});
