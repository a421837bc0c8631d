import { randomBytes } from 'node:crypto';

/** What a secret of Standard Webhooks begins with; base64 follows. */
export const webhookSecretPrefix = 'whsec_';
/** Standard Webhooks asks for 24 to 64. */
const secretBytes = 32;

/** A new secret: `whsec_` and 32 random bytes in base64. */
export function generateWebhookSecret(): string {
  return webhookSecretPrefix + randomBytes(secretBytes).toString('base64');
}
