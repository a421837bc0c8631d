import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { withWebhookSecrets } from './webhook-secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('generates once, keeps what it generated to itself, leaves given ones alone', () => {
  const file = join(directory, 'secrets.json');
  const given = `whsec_${'A'.repeat(44)}`;
  const config = configSchema.parse({
    webhooks: [
      { name: 'ops', url: 'http://127.0.0.1:1/' },
      { name: 'own', url: 'http://127.0.0.1:2/', secret: given },
    ],
  });
  const first = withWebhookSecrets(config, file);
  const second = withWebhookSecrets(config, file);
  expect(first.generated.map(({ name }) => name)).toEqual(['ops']);
  expect(first.generated[0]!.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(first.config.webhooks[1]!.secret).toBe(given);
  expect(second).toEqual({ config: first.config, generated: [] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
