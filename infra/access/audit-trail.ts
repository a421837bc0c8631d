import { auditTextMax, type AuditEntry } from '../../events/audit.ts';
import { streams, subjects } from '../../events/subjects.ts';
import { appendMessage } from '../bus/append.ts';
import type { Bus } from '../bus/connection.ts';
import { readRange } from '../bus/read-range.ts';
import { streamInfo } from '../bus/streams.ts';

const empty: AuditEntry = {
  atUs: 0,
  what: '',
  who: '',
  by: '',
  address: '',
  client: '',
  topic: '',
  reason: '',
  folded: 0,
};

/** Writes what somebody did to a credential. @throws LOG_UNAVAILABLE */
export async function appendChange(bus: Bus, entry: Partial<AuditEntry>): Promise<void> {
  await appendMessage(bus, streams.audit, subjects.auditChanged, entryText({ ...empty, ...entry }));
}

/** Writes what was refused. @throws LOG_UNAVAILABLE, or the signal's reason */
export async function appendRefusal(bus: Bus, entry: AuditEntry, signal: AbortSignal): Promise<void> {
  await appendMessage(bus, streams.audit, subjects.auditRefused, entryText(entry), signal);
}

function entryText(entry: AuditEntry): string {
  const cut = Object.entries(entry).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.slice(0, auditTextMax) : value,
  ]);
  return JSON.stringify(Object.fromEntries(cut));
}

export type StoredAuditEntry = AuditEntry & { readonly sequence: number };

export interface AuditPage {
  /** Newest first. */
  readonly items: readonly StoredAuditEntry[];
  /** `before` of the next page; null at the end. */
  readonly next: number | null;
}

/** Reads backwards, a stretch of sequences at a time: those of a stretch may be gone, at the bound of their subject. */
const stretch = 1_000;

/** The entries before a sequence, newest first; null: the latest. @throws LOG_UNAVAILABLE */
export async function readAudit(
  bus: Bus,
  limit: number,
  before: number | null,
  signal: AbortSignal,
): Promise<AuditPage> {
  const { firstSequence, lastSequence } = await streamInfo(bus, streams.audit, signal);
  const items: StoredAuditEntry[] = [];
  let until = Math.min(before ?? Number.POSITIVE_INFINITY, lastSequence + 1);
  while (items.length < limit && until > firstSequence) {
    const from = Math.max(firstSequence, until - stretch);
    const found: StoredAuditEntry[] = [];
    const range = { stream: streams.audit, subject: 'audit.>', from, until, signal, onGap: () => {} };
    for await (const { data, sequence } of readRange(bus, range))
      found.push({ ...(JSON.parse(Buffer.from(data).toString()) as AuditEntry), sequence });
    items.push(...found.toReversed());
    until = from;
  }
  const page = items.slice(0, limit);
  const isEnd = page.length === items.length && until <= firstSequence;
  return { items: page, next: isEnd || page.length === 0 ? null : page.at(-1)!.sequence };
}
