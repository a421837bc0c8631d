import { z } from 'zod';
import type { WebhookDefinition } from '../../events/delivery.ts';
import type { Bucket } from '../../infra/bus/kv.ts';
import type { WebhookConfig } from '../../infra/config/schema.ts';
import { generateWebhookSecret } from '../../infra/webhook-secret.ts';

const definition = z.object({
  name: z.string(),
  url: z.string(),
  secret: z.string().min(1),
  rules: z.array(z.string()),
  source: z.enum(['config', 'api']),
  disabled: z.boolean(),
});

/** What KV `webhooks` holds under a name; null if it is not a definition, or one of another name. */
export function parseDefinition(name: string, value: Uint8Array): WebhookDefinition | null {
  try {
    const parsed = definition.safeParse(JSON.parse(Buffer.from(value).toString()));
    return parsed.success && parsed.data.name === name ? parsed.data : null;
  } catch {
    // Not JSON: like every other value that is no definition.
    return null;
  }
}

/** All webhooks that KV holds. */
export async function definitionsOf(bucket: Bucket): Promise<WebhookDefinition[]> {
  const found: WebhookDefinition[] = [];
  for (const name of await bucket.keys()) {
    const entry = await bucket.get(name);
    const webhook = entry === null ? null : parseDefinition(name, entry.value);
    if (webhook !== null) found.push(webhook);
  }
  return found;
}

/**
 * Brings the config's webhooks into KV, where all webhooks are, and takes out those that the config no longer has.
 * A secret that the config leaves out is generated once and kept there. A start enables what a 410 had disabled.
 * @param onSecret told the secret that was generated: the only time it is shown
 * @returns the names of those that were taken out
 */
export async function syncConfigWebhooks(
  bucket: Bucket,
  webhooks: readonly WebhookConfig[],
  onSecret: (name: string, secret: string) => void,
): Promise<string[]> {
  for (const { name, url, rules, secret } of webhooks) {
    const entry = await bucket.get(name);
    const present = entry === null ? null : parseDefinition(name, entry.value);
    const kept = present?.source === 'config' ? present.secret : undefined;
    const wanted: WebhookDefinition = {
      name,
      url,
      secret: secret ?? kept ?? generateWebhookSecret(),
      rules,
      source: 'config',
      disabled: false,
    };
    if (JSON.stringify(present) !== JSON.stringify(wanted)) await bucket.put(name, JSON.stringify(wanted));
    if (secret === undefined && kept === undefined) onSecret(name, wanted.secret);
  }
  const configured = new Set(webhooks.map(({ name }) => name));
  const present = await definitionsOf(bucket);
  const removed = present.filter(({ name, source }) => source === 'config' && !configured.has(name));
  for (const { name } of removed) await bucket.delete(name);
  return removed.map(({ name }) => name);
}

/** Disables a webhook, unless it was changed or deleted meanwhile. */
export async function disable(bucket: Bucket, webhook: WebhookDefinition): Promise<void> {
  const entry = await bucket.get(webhook.name);
  if (entry === null) return;
  const present = parseDefinition(webhook.name, entry.value);
  if (JSON.stringify(present) !== JSON.stringify(webhook)) return;
  await bucket.update(webhook.name, JSON.stringify({ ...webhook, disabled: true }), entry.revision);
}
