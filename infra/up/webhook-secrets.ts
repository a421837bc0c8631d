import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { generateWebhookSecret } from '../webhook-secret.ts';

/**
 * Gives each webhook without a secret the one that was generated for it before, or a new one, which is kept in `file`
 * (only its owner reads it) and returned, to be shown this once.
 */
export function withWebhookSecrets(
  config: Config,
  file: string,
): { config: Config; generated: readonly { name: string; secret: string }[] } {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const generated: { name: string; secret: string }[] = [];
  const webhooks = config.webhooks.map((webhook) => {
    if (webhook.secret !== undefined) return webhook;
    let secret = Object.hasOwn(kept, webhook.name) ? kept[webhook.name] : undefined;
    if (secret === undefined) {
      secret = generateWebhookSecret();
      kept[webhook.name] = secret;
      generated.push({ name: webhook.name, secret });
    }
    return { ...webhook, secret };
  });
  if (generated.length > 0) {
    writeFileSync(`${file}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return { config: { ...config, webhooks }, generated };
}
