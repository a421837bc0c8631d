import type { Config } from '../config/schema.ts';
import { clockText } from '../terminal/quantities.ts';
import type { Style } from '../terminal/style.ts';
import { generateWebhookSecret } from '../webhook-secret.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

/** Starts the demo's subscriber and adds a webhook for it to the configuration. Its deliveries become lines. */
export async function startDemoReceiver(
  config: Config,
  say: (line: string) => void,
  style: Style,
): Promise<{ config: Config; url: string; close(): Promise<void> }> {
  const secret = generateWebhookSecret();
  const receiver = await startWebhookReceiver(secret, ({ isGenuine, type, device, rule }) => {
    const what = isGenuine
      ? `${type.split('.').at(-1)} of ${rule} on ${style.bold(device)}, signature verified`
      : style.red('signature does not fit');
    say(`  ${style.dim(clockText(Date.now()))}  webhook   ${what}`);
  });
  const webhook = { name: 'demo', url: receiver.url, secret, rules: ['*'] };
  return {
    config: { ...config, webhooks: [...config.webhooks.filter(({ name }) => name !== webhook.name), webhook] },
    url: receiver.url,
    close: () => receiver.close(),
  };
}
