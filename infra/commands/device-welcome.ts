import { resolve } from 'node:path';
import type { CredentialRequest } from '../../events/api-access.ts';
import { isLoopback } from '../config/loopback.ts';
import { sampleTopic } from '../config/sample-topic.ts';
import type { Config } from '../config/schema.ts';
import { demoDataDirectory } from '../demo/plant.ts';
import { labelled } from '../terminal/labelled.ts';
import { countText } from '../terminal/quantities.ts';
import type { Style } from '../terminal/style.ts';
import { hostForSensors, lanAddress } from '../up/addresses.ts';
import { snippetFor, type SnippetKind } from './device-snippets.ts';

export interface Welcome {
  readonly request: CredentialRequest;
  /** Null: it shows a certificate. */
  readonly secret: string | null;
  readonly kinds: readonly SnippetKind[];
  /** Of the first credential: how many clients were connected without one, null when unknown. */
  readonly cutOff: { readonly clients: number | null } | null;
}

/** What somebody who has just added a device has to know, with what to paste into it. */
export function welcomeText(style: Style, config: Config, { request, secret, kinds, cutOff }: Welcome): string {
  const { name, tags = {} } = request;
  const { mqtt, tls } = config;
  const isLocal = isLoopback(mqtt.host);
  // What is kept there is found again by the same command only.
  const isDemo = resolve(config.data) === resolve(demoDataDirectory);
  const host = hostForSensors(mqtt.host);
  const port = tls ? mqtt.tls : mqtt.port;
  const topic = sampleTopic(config, name, tags);
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
  if (cutOff !== null) lines.push(labelled(style, 'access', cutOffText(cutOff.clients, isDemo)), '');
  if (isLocal)
    lines.push(
      labelled(
        style,
        'network',
        `Millrace listens on ${mqtt.host} only, where no device reaches it. Start it with the address of this machine in ` +
          'your network; it then also asks for a password of the dashboard. Until then, try it on this machine with 127.0.0.1 as the host.',
      ),
      labelled(
        whole,
        '',
        style.bold(`MILLRACE_HOST=${lanAddress() ?? '<address>'} npm ${isDemo ? 'run demo' : 'start'}`),
      ),
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

/** Said before the first credential is made, while clients are connected without one. */
export function cutOffWarning(clients: number): string {
  const who = clients === 1 ? '1 client is' : `${countText(clients)} clients are`;
  return (
    `${who} connected without a credential. With the first one nobody is let in without: they are cut off, and refused ` +
    'until each has its own. Revoking it does not undo that.'
  );
}

function cutOffText(clients: number | null, isDemo: boolean): string {
  const rule = 'From now on nobody connects, or writes over HTTP, without a credential.';
  if (clients === 0) return `${rule} Nobody was connected without one.`;
  const plant = isDemo ? ' The plant of the demo is one of them.' : '';
  const names = ' `millrace audit` names them.';
  if (clients === 1)
    return `${rule} 1 client was connected without: it is cut off, and refused until it has its own.${names}`;
  const who = clients === null ? 'Some clients may have been' : `${countText(clients)} clients were`;
  return `${rule} ${who} connected without: they are cut off, and refused until each has its own.${plant}${names}`;
}
