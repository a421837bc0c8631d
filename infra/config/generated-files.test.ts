import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkout } from '../setup/checkout.ts';
import { generatedFiles } from './generated-files.ts';
import { loadConfig } from './load.ts';

it.each([...generatedFiles()])(
  '%s is current (node infra/launch.mjs --script infra/config/generate.ts)',
  (path, text) => {
    expect(readFileSync(join(checkout, path), 'utf8')).toBe(text);
  },
);

it.each(['millrace.sample.yaml', 'infra/demo/millrace.yaml'])('%s is a correct configuration', (path) => {
  expect(loadConfig({ env: {}, file: join(checkout, path) })).toHaveProperty('config');
});

it('the reference names every setting of the environment', async () => {
  const { settings } = await import('./overrides.ts');
  const page = generatedFiles().get('docs/config.md')!;
  const named = (variable: string) =>
    page.includes(variable) || page.includes(variable.replace(/^MILLRACE_INFLUX/, ''));
  expect(settings.map(({ variable }) => variable).filter((variable) => !named(variable))).toEqual([]);
});
