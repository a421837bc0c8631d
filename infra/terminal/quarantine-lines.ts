import type {
  QuarantineAnswer,
  QuarantineGroupsAnswer,
  QuarantineItem,
  QuarantineItemAnswer,
} from '../../events/api-intake.ts';
import type { RedriveOutcome } from '../../events/quarantine.ts';
import type { DecodeVerdict } from '../../events/redrive.ts';
import { labelled } from './labelled.ts';
import { plainText } from './plain-text.ts';
import { bytesText, countText, plural } from './quantities.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

/** What `millrace quarantine` prints. */

const iso = (us: number) => new Date(us / 1000).toISOString();

/** Day and time, in UTC as all times of a log are. */
const shortTime = (us: number) => iso(us).slice(0, 19).replace('T', ' ');

/** A line each, with what was wrong below it. */
export function itemLines(style: Style, { items, total, next }: QuarantineAnswer): string[] {
  if (total === 0) return ['  nothing was set aside'];
  if (items.length === 0) return ['  none of these in what was looked through', ...moreLine(style, next)];
  const lines = tableLines(
    style,
    [
      { head: 'id', paint: style.bold },
      { head: 'arrived (UTC)', paint: style.dim },
      { head: 'reason' },
      { head: 'device or topic' },
      { head: 'size', align: 'right', goes: 1, paint: style.dim },
      { head: 'redriven', goes: 2, paint: style.dim },
    ],
    items.map(({ id, receivedAtUs, reason, key, topic, outcome, bytes }) => [
      id,
      shortTime(receivedAtUs),
      reason,
      plainText(key ?? topic),
      bytesText(bytes),
      outcome === null ? '' : outcomeText(outcome),
    ]),
    (at) => detailLine(style, items[at]!),
  );
  return [...lines, ...moreLine(style, next)];
}

function moreLine({ dim }: Style, next: string | null): string[] {
  return next === null ? [] : [dim(`  older ones: --after ${next}`)];
}

/** Under its item, in a line of the terminal: the whole of it is what `show` says. */
function detailLine({ dim, columns }: Style, { detail, sentence }: QuarantineItem): string {
  const text = plainText(detail === '' ? sentence : detail);
  const room = columns - detailIndent.length - 1;
  return `${detailIndent}${dim(text.length > room ? `${text.slice(0, Math.max(10, room - 1))}…` : text)}`;
}

const detailIndent = '      ';

export function groupLines(style: Style, { groups, beyondMax }: QuarantineGroupsAnswer): string[] {
  if (groups.length === 0) return ['  nothing was set aside'];
  const lines = tableLines(
    style,
    [
      { head: 'items', align: 'right', paint: style.bold },
      { head: 'reason' },
      { head: 'device or topic' },
      { head: 'template', goes: 1, paint: style.dim },
      { head: 'first (UTC)', goes: 2, paint: style.dim },
      { head: 'last (UTC)', goes: 3, paint: style.dim },
    ],
    groups.map(({ count, reason, key, topic, template, firstAtUs, lastAtUs, by }) => [
      countText(count),
      `${reason}${by === 'storage' ? ' by storage' : ''}`,
      plainText(key ?? topic),
      template ?? 'none',
      shortTime(firstAtUs),
      shortTime(lastAtUs),
    ]),
  );
  return beyondMax === 0 ? lines : [...lines, style.dim(`  ${plural(beyondMax, 'item')} of further groups`)];
}

export function itemText(style: Style, { item, payload, now }: QuarantineItemAnswer): string {
  const { origin, several } = item;
  const part = several ? `, reading ${origin.part ?? 0}` : '';
  const lines = [
    labelled(style, 'reason', `${style.bold(item.reason)}  ${item.sentence}`),
    labelled(style, 'detail', plainText(item.detail)),
    labelled(style, 'topic', plainText(item.topic)),
    labelled(style, 'client', plainText(item.client)),
    labelled(style, 'arrived', iso(item.receivedAtUs)),
    labelled(style, 'log', `partition ${origin.partition}, message ${origin.sequence}, record ${origin.index}${part}`),
    labelled(style, 'redriven', item.outcome === null ? redrivenBefore(item) : outcomeText(item.outcome)),
    labelled(style, 'now', now === null ? 'no processor says' : now.verdicts.map(verdictText).join('\n')),
  ];
  const bytes = Buffer.from(payload ?? item.firstBytes, 'base64');
  const what =
    payload === null
      ? `the log no longer holds it; its first ${plural(bytes.length, 'byte')} of ${item.bytes}`
      : plural(bytes.length, 'byte');
  return [
    ...lines.slice(0, payload === null ? -1 : undefined),
    labelled(style, 'payload', what),
    ...hexDump(bytes),
  ].join('\n');
}

function redrivenBefore({ redriven }: QuarantineItem): string {
  return redriven === undefined ? 'never' : `from message ${redriven.sequence}, and refused again: this`;
}

/** What became of it, in a few words. */
export function outcomeText({ of, readings, duplicate, filtered, quarantined, reason }: RedriveOutcome): string {
  if (of.by === 'storage') return 'handed to storage again';
  const parts = [
    readings > 0 && `became ${plural(readings, 'reading')}`,
    duplicate > 0 && plural(duplicate, 'duplicate'),
    filtered > 0 && `${countText(filtered)} filtered`,
    quarantined > 0 && `refused again: ${reason ?? ''}`,
  ];
  return parts.filter((text) => text !== false).join(', ');
}

function verdictText(verdict: DecodeVerdict): string {
  if (verdict.kind === 'refused') return `would be refused: ${verdict.reason}, ${plainText(verdict.detail)}`;
  if (verdict.kind === 'filtered') return `would be filtered by ${verdict.transform ?? 'format drop of its topic'}`;
  if (verdict.kind === 'repeat') return 'would be a repeat of another reading in it';
  const { key, timeUs, fields } = verdict.reading;
  return `would become a reading of ${plainText(key)} at ${iso(timeUs)}: ${plainText(JSON.stringify(fields))}`;
}

const perLine = 16;

/** Offset, 16 bytes as hex, the same as printable ASCII. */
export function hexDump(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += perLine) {
    const part = [...bytes.subarray(at, at + perLine)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`    ${at.toString(16).padStart(6, '0')}  ${hex.padEnd(perLine * 3 - 1)}  ${text}`);
  }
  return lines;
}

interface Sum {
  readonly considered: number;
  readonly appended: number;
  readonly gone: number;
  readonly skipped: number;
}

interface Would {
  readonly readings: number;
  readonly filtered: number;
  readonly refused: Readonly<Record<string, number>>;
}

export function redrivenText(style: Style, { considered, appended, gone, skipped }: Sum, would: Would | null): string {
  const lines: string[] = [];
  if (would === null)
    lines.push(
      labelled(
        style,
        'redriven',
        `${style.bold(plural(appended, 'record'))} of ${countText(considered)} are in the log again`,
      ),
    );
  else {
    lines.push(
      labelled(
        style,
        'would be',
        `${style.bold(plural(would.readings, 'reading'))} of ${plural(considered, 'item')}; nothing was appended`,
      ),
    );
    for (const [reason, count] of Object.entries(would.refused))
      lines.push(labelled(style, 'refused', `${countText(count)} still, ${reason}`));
    if (would.filtered > 0) lines.push(labelled(style, 'filtered', countText(would.filtered)));
  }
  if (gone > 0) lines.push(labelled(style, 'gone', `${countText(gone)} that the log no longer holds`));
  if (skipped > 0) lines.push(labelled(style, 'skipped', `${countText(skipped)} redriven before, or not there`));
  return lines.join('\n');
}
