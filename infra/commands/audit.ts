import { readAudit, type StoredAuditEntry } from '../access/audit-trail.ts';
import { hanging } from '../terminal/labelled.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Style, visibleLength } from '../terminal/style.ts';
import { attach } from './attach.ts';
import type { Terminal } from './terminal.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';
import { wholeNumber } from './whole-number.ts';

export interface AuditFlags extends ConfigCommandFlags {
  readonly limit: string;
  readonly before?: string;
}

const limitMax = 10_000;
const withinMs = 30_000;

/** `millrace audit`: the latest entries, oldest first, as a log reads. @throws UsageError, LOG_UNAVAILABLE */
export async function audit(terminal: Terminal, flags: AuditFlags): Promise<number> {
  const limit = wholeNumber('--limit', flags.limit, 1, limitMax);
  const before = flags.before === undefined ? null : wholeNumber('--before', flags.before, 1, Number.MAX_SAFE_INTEGER);
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  await using servers = await attach(config, 'audit');
  const { items, next } = await readAudit(servers.bus, limit, before, AbortSignal.timeout(withinMs));
  for (const entry of items.toReversed()) {
    if (terminal.isJson) terminal.json(entry);
    else terminal.out(lineOf(terminal.style, entry));
  }
  if (items.length === 0 && !terminal.isJson) terminal.out('  nothing: no credential was changed, nobody was refused');
  if (next !== null && !terminal.isJson) terminal.err(terminal.errStyle.dim(`  older ones: --before ${next}`));
  return 0;
}

/** `credential-revoked` */
const whatColumns = 18;

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
    .map(plainText);
  const more = folded > 0 ? style.yellow(` (and ${folded} more)`) : '';
  const beginning = `  ${style.dim(at)}  ${style.bold(what.padEnd(whatColumns))}  `;
  return hanging(style, beginning, visibleLength(beginning), `${shown.join('  ')}${more}`);
}
