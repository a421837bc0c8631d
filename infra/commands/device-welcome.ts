import { networkInterfaces } from 'node:os';
import type { CredentialRequest } from '../../events/api-access.ts';
import type { Config } from '../config/schema.ts';
import { takesPlainJson } from '../config/topic-schema.ts';
import { labelled } from '../terminal/labelled.ts';
import type { Style } from '../terminal/style.ts';
import { snippetFor, type SnippetKind } from './device-snippets.ts';

/** What somebody who has just added a device has to know, with what to paste into it. */
export function welcomeText(
  style: Style,
  config: Config,
  { name, tags = {} }: CredentialRequest,
  secret: string | null,
  kinds: readonly SnippetKind[],
  isFirst: boolean,
): string {
  const { mqtt, tls } = config;
  const lan = lanAddress();
  const isLoopback = /^(127\.|localhost$|::1$)/.test(mqtt.host);
  const host = isLoopback || ['0.0.0.0', '::'].includes(mqtt.host) ? (lan ?? mqtt.host) : mqtt.host;
  const port = tls ? mqtt.tls : mqtt.port;
  const topic = topicFor(config, name, tags);
  // In one piece, to be copied.
  const whole = { ...style, columns: Infinity };
  const lines = [
    labelled(style, 'device', style.bold(name)),
    secret === null
      ? labelled(style, 'proof', 'its client certificate')
      : labelled(whole, 'secret', `${style.bold(secret)}  shown this once`),
    labelled(style, 'host', host),
    labelled(style, 'port', `${port}${tls ? ' (TLS)' : ''}`),
    labelled(style, 'topic', topic),
    '',
  ];
  if (isFirst)
    lines.push(
      labelled(
        style,
        'access',
        'from now on nobody connects without a credential; who did is disconnected, the plant of the demo, too',
      ),
      '',
    );
  if (isLoopback)
    lines.push(
      labelled(
        style,
        'network',
        `Millrace listens on ${mqtt.host} only, where no device reaches it. Start it with the address of this machine in ` +
          'your network; it then also asks for a password of the dashboard. Until then, try it on this machine with 127.0.0.1 as the host.',
      ),
      labelled(whole, '', style.bold(`MILLRACE_HOST=${lan ?? '<address>'} npm start`)),
      '',
    );
  lines.push(
    labelled(
      style,
      'QoS',
      'A publish with QoS 1 or 2 that was acknowledged is never lost (promise P1). QoS 0, which many libraries send, is not covered: it ' +
        'is taken as it comes, and nothing says when it was not.',
    ),
    '',
  );
  if (secret === null) return lines.join('\n');
  for (const kind of kinds)
    for (const { title, text, needs } of snippetFor(kind, {
      host,
      port,
      isTls: tls !== undefined,
      name,
      secret,
      topic,
    }))
      lines.push(
        `  ${style.dim(`── ${title}`)}`,
        ...(needs === undefined ? [] : [`  ${needs}`]),
        '',
        indented(text),
        '',
      );
  return lines.join('\n').trimEnd();
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}

/** The first template that takes any JSON object, with the device in it; what is not known of it becomes `home`. */
function topicFor({ topics }: Config, name: string, tags: Readonly<Record<string, string>>): string {
  const usable = topics.filter(({ template }) => template.includes('{device}'));
  const { template } = usable.find(takesPlainJson) ?? usable[0] ?? topics[0]!;
  return template.replaceAll(/\{([a-z][a-z0-9_]*)(?:\.\.\.)?\}/gi, (_, word: string) => {
    if (word === 'device') return name;
    return word === 'field' ? 'temperature' : (tags[word] ?? 'home');
  });
}

/** This machine's address in its network: the first that is not its own alone. */
function lanAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}
