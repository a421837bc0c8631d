import { createHmac } from 'node:crypto';
import { webhookSecretPrefix } from '../../infra/webhook-secret.ts';

/**
 * The headers that prove who sent a webhook, as Standard Webhooks 1.0 has them
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 * @param timestampS when this attempt is made, epoch seconds: receivers refuse old ones
 * @param body exactly what is sent
 */
export function signedHeaders(secret: string, id: string, timestampS: number, body: string): Record<string, string> {
  const key = Buffer.from(
    secret.slice(secret.startsWith(webhookSecretPrefix) ? webhookSecretPrefix.length : 0),
    'base64',
  );
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': `v1,${signature}` };
}
