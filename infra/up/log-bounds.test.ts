import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { withLogBounds } from './log-bounds.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-bounds-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('is at most 8 GiB and half of the disk, half of which is kept', async () => {
  const { log } = await withLogBounds(configSchema.parse({}), directory, join(directory, 'store'));
  expect(log.maxBytes).toBeGreaterThan(0);
  expect(log.maxBytes).toBeLessThanOrEqual(8 * 2 ** 30);
  expect(log.keepBytes).toBe(Math.floor(log.maxBytes! / 2));
});

it('leaves alone what is set', async () => {
  const config = configSchema.parse({ log: { maxBytes: '1GiB', keepBytes: '100MiB' } });
  expect((await withLogBounds(config, directory, directory)).log).toMatchObject({
    maxBytes: 2 ** 30,
    keepBytes: 100 * 2 ** 20,
  });
});
