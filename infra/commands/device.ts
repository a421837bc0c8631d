import { userInfo } from 'node:os';
import type { CredentialRequest } from '../../events/api-access.ts';
import type { Credential } from '../../events/credential.ts';
import { type Actor, type Change, CredentialAdmin } from '../access/credential-admin.ts';
import { CredentialBook } from '../access/credential-book.ts';
import { fingerprintOf } from '../access/secrets.ts';
import type { Config } from '../config/schema.ts';
import { parseDurationMs } from '../config/units.ts';
import { createLogger } from '../log.ts';
import { canAsk, confirmed } from '../terminal/confirm.ts';
import { errorText, labelled } from '../terminal/labelled.ts';
import { credentialLines } from '../terminal/credential-lines.ts';
import { asksWho } from '../up/first-publish.ts';
import { attach, type Attached } from './attach.ts';
import { cutOffWarning, welcomeText } from './device-welcome.ts';
import { productRules, type SnippetKind, snippetKinds } from './device-snippets.ts';
import type { Terminal } from './terminal.ts';
import { unknownConnected } from './unknown-clients.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';

export interface DeviceFlags extends ConfigCommandFlags {
  /** `site=home`, each. */
  readonly tag?: readonly string[];
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
  /** Fingerprint of a client certificate instead of a secret. */
  readonly certificate?: string;
  readonly for?: string;
  readonly overlap?: string;
  readonly ban?: boolean;
  readonly yes?: boolean;
}

interface Session extends Attached {
  readonly admin: CredentialAdmin;
  readonly book: CredentialBook;
  /** What runs, else what is configured. */
  readonly config: Config;
}

const overlapMaxMs = 30 * 86_400_000;

/**
 * `millrace device add|rotate|revoke|list`: exit code 0 done, 1 not done: what is asked for does not exist, exists
 * already, or the configuration is wrong. @throws UsageError, LOG_UNAVAILABLE
 */
export async function device(
  terminal: Terminal,
  action: 'add' | 'rotate' | 'revoke' | 'list',
  name: string,
  flags: DeviceFlags,
): Promise<number> {
  const kinds = snippetsAsked(flags.for);
  const overlapMs = flags.overlap === undefined ? 0 : parseDurationMs(flags.overlap);
  if (overlapMs === null || overlapMs > overlapMaxMs)
    throw new UsageError('--overlap must be a duration such as 1h, at most 30d');
  const request = requestOf(name, flags, kinds);
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const servers = await attach(config, 'device');
  const ended = new AbortController();
  const book = new CredentialBook();
  const following = book.follow(servers.bus, ended.signal, createLogger('device', 'silent'));
  try {
    await book.loaded;
    const admin = await CredentialAdmin.open(servers.bus, () => Date.now() * 1_000);
    const ingests = (servers.running ?? config).processes.ingest;
    const session: Session = { ...servers, admin, book, config: servers.running ?? config };
    switch (action) {
      case 'list':
        return list(terminal, book);
      case 'add': {
        const isFirst = !asksWho(session.config, book.list().length);
        const cutOff = isFirst && servers.running !== null ? await unknownConnected(servers.bus, ingests) : 0;
        if (cutOff !== null && cutOff > 0 && !terminal.isJson && canAsk() && flags.yes !== true) {
          terminal.err(labelled(terminal.errStyle, 'access', cutOffWarning(cutOff)));
          if (!(await confirmed('make the first credential?'))) return 1;
        }
        const change = await admin.add(request, actor(), book.list().length);
        return told(terminal, change, name, session, isFirst ? { cutOff } : {}, (secret) =>
          welcomeText(terminal.style, session.config, {
            request,
            secret,
            kinds,
            cutOff: isFirst ? { clients: cutOff } : null,
          }),
        );
      }
      case 'rotate': {
        const change = await admin.rotate(name, overlapMs * 1_000, actor());
        const old = overlapMs > 0 ? `the one before is valid for ${flags.overlap} more` : 'the one before has ended';
        return told(terminal, change, name, session, {}, (secret) =>
          [
            labelled(terminal.style, 'secret', terminal.style.bold(secret ?? '')),
            labelled(terminal.style, '', `shown this once; ${old}`),
          ].join('\n'),
        );
      }
      case 'revoke':
        return await revoke(terminal, session, name, flags);
    }
  } finally {
    ended.abort();
    await following;
    await servers[Symbol.asyncDispose]();
  }
}

function snippetsAsked(text: string | undefined): readonly SnippetKind[] {
  if (text === undefined || text === 'all') return snippetKinds;
  const kind = snippetKinds.find((one) => one === text);
  if (kind === undefined) throw new UsageError(`--for must be all or one of ${snippetKinds.join(', ')}`);
  return [kind];
}

function requestOf(name: string, flags: DeviceFlags, kinds: readonly SnippetKind[]): CredentialRequest {
  const tags = Object.fromEntries(
    (flags.tag ?? []).map((text) => {
      const [key, ...value] = text.split('=');
      if (key === '' || value.length === 0) throw new UsageError(`--tag must be name=value, is "${text}"`);
      return [key!, value.join('=')];
    }),
  );
  const product = kinds.length === 1 ? productRules[kinds[0]!] : null;
  const publish = flags.publish ?? product?.publish;
  const subscribe = flags.subscribe ?? product?.subscribe;
  return {
    name,
    tags,
    ...(publish === undefined ? {} : { publish }),
    ...(subscribe === undefined ? {} : { subscribe }),
    ...(flags.certificate === undefined ? {} : { certificate: flags.certificate }),
  };
}

async function revoke(terminal: Terminal, session: Session, name: string, flags: DeviceFlags): Promise<number> {
  const { admin } = session;
  const fingerprint = name.startsWith('sha256:') ? fingerprintOf(name) : null;
  const text = `nobody gets in by it any more; who is connected is disconnected within 5 s`;
  if (fingerprint !== null) {
    await admin.revokeCertificate(fingerprint, actor());
    if (terminal.isJson) terminal.json({ event: 'revoked', certificate: fingerprint });
    else terminal.out(labelled(terminal.style, 'revoked', `the certificate: ${text}`));
    return 0;
  }
  const change = await admin.revoke(name, actor());
  const done = change.kind === 'missing' && flags.ban ? await admin.ban(name, actor()) : change;
  return told(terminal, done, name, session, {}, () => labelled(terminal.style, 'revoked', `${name}: ${text}`));
}

function told(
  terminal: Terminal,
  change: Change,
  name: string,
  { config }: Session,
  more: object,
  text: (secret: string | null) => string,
): number {
  if (change.kind === 'done') {
    const { credential, secret } = change;
    const { host, port, tls } = config.mqtt;
    if (terminal.isJson)
      terminal.json({ ...viewOf(credential), secret, mqtt: { host, port, tls: config.tls ? tls : null }, ...more });
    else terminal.out(text(secret));
    return 0;
  }
  const reasons = {
    exists: `there is a credential ${name} already; rotate it, or revoke it first`,
    missing: `there is no valid credential ${name}; millrace device list shows those there are`,
    'too-many': 'there are as many credentials as there may be',
    busy: `somebody else changes ${name} at this moment; try again`,
  };
  const reason = change.kind === 'refused' ? change.reason : reasons[change.kind];
  if (terminal.isJson) terminal.json({ error: change.kind, message: reason });
  else terminal.err(errorText(terminal.errStyle, reason));
  return 1;
}

function list(terminal: Terminal, book: CredentialBook): number {
  const all = book.list();
  if (terminal.isJson) {
    for (const one of all) terminal.json(viewOf(one));
    return 0;
  }
  if (all.length === 0) terminal.out('  no credentials: everybody may connect, from this machine only');
  else terminal.out(credentialLines(terminal.style, all).join('\n'));
  return 0;
}

function viewOf({ secrets, ...rest }: Credential): object {
  return { ...rest, secrets: secrets.map(({ fromUs, untilUs }) => ({ fromUs, untilUs })) };
}

function actor(): Actor {
  return { by: `cli:${userInfo().username}`, address: '' };
}
