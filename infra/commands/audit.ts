import { readAudit, type StoredAuditEntry } from '../access/audit-trail.ts';
import type { Style } from '../terminal/style.ts';
import { attach } from './attach.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';

export interface AuditFlags extends ConfigCommandFlags {
  readonly limit: string;
  readonly before?: string;
}

const limitMax = 10_000;
const withinMs = 30_000;

/** `millrace audit`: the latest entries, oldest first, as a log reads. @throws UsageError, LOG_UNAVAILABLE */
export async function audit(terminal: Terminal, flags: AuditFlags): Promise<number> {
  const limit = positive('--limit', flags.limit, limitMax);
  const before = flags.before === undefined ? null : positive('--before', flags.before, Number.MAX_SAFE_INTEGER);
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  await using servers = await attach(config, 'audit');
  const { items, next } = await readAudit(servers.bus, limit, before, AbortSignal.timeout(withinMs));
  for (const entry of items.toReversed()) {
    if (terminal.isJson) terminal.json(entry);
    else terminal.out(lineOf(terminal.style, entry));
  }
  if (next !== null && !terminal.isJson) terminal.err(terminal.errStyle.dim(`  older ones: --before ${next}`));
  return 0;
}

function lineOf(style: Style, entry: StoredAuditEntry): string {
  const { atUs, what, who, by, address, client, topic, reason, folded } = entry;
  const at = new Date(atUs / 1_000).toISOString().slice(0, 19).replace('T', ' ');
  // What clients say of themselves may hold anything: nothing of it reaches the terminal as a command.
  const shown = [
    who,
    by && `by ${by}`,
    address && `from ${address}`,
    client && `client ${client}`,
    topic && `topic ${topic}`,
    reason,
  ]
    .filter((text) => text !== '')
    // oxlint-disable-next-line no-control-regex -- control characters are what it is about
    .map((text) => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd'));
  const more = folded > 0 ? style.yellow(` (and ${folded} more)`) : '';
  return `  ${style.dim(at)}  ${style.bold(what)}  ${shown.join('  ')}${more}`;
}

function positive(flag: string, text: string, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new UsageError(`${flag} must be a whole number from 1 to ${max}, is "${text}"`);
  return value;
}
