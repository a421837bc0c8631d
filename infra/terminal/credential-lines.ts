import type { Credential } from '../../events/credential.ts';
import { plural } from './quantities.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

const minute = (us: number) => new Date(us / 1_000).toISOString().slice(0, 16).replace('T', ' ');

/** What `millrace device list` prints. */
export function credentialLines(style: Style, all: readonly Credential[]): string[] {
  return tableLines(
    style,
    [
      { head: 'name', paint: style.bold },
      { head: 'state' },
      { head: 'since (UTC)', paint: style.dim, goes: 2 },
      { head: 'proof', goes: 3 },
      { head: 'tags', goes: 1 },
      { head: 'publishes to' },
    ],
    all.map(({ name, revokedAtUs, createdAtUs, certificate, secrets, tags, publish }) => {
      if (revokedAtUs !== null) return [name, 'revoked', minute(revokedAtUs), '', '', ''];
      return [
        name,
        'valid',
        minute(createdAtUs),
        certificate === null ? plural(secrets.length, 'secret') : `certificate ${certificate.slice(0, 16)}…`,
        Object.entries(tags)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
        publish?.join(', ') ?? 'its own topics',
      ];
    }),
  );
}
