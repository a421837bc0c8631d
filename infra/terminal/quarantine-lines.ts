import type {
  QuarantineAnswer,
  QuarantineGroupsAnswer,
  QuarantineItem,
  QuarantineItemAnswer,
} from '../../events/api-intake.ts';
import type { RedriveOutcome } from '../../events/quarantine.ts';
import type { DecodeVerdict } from '../../events/redrive.ts';
import { labelled } from './labelled.ts';
import { bytesText, countText, plural } from './quantities.ts';
import type { Style } from './style.ts';

/** What `millrace quarantine` prints. Text from devices is shown without its control characters. */

const iso = (us: number) => new Date(us / 1000).toISOString();

/** Nothing a device sent may move the cursor or colour the terminal. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

export function itemLines({ dim, bold }: Style, { items, total, next }: QuarantineAnswer): string[] {
  if (total === 0) return ['  nothing was set aside'];
  const width = Math.max(0, ...items.map(({ id }) => id.length));
  const lines = items.map((item) => {
    const { id, receivedAtUs, reason, key, topic, outcome, bytes } = item;
    const fate = outcome === null ? '' : dim(`  ${outcomeText(outcome)}`);
    return `  ${bold(id.padEnd(width))}  ${dim(iso(receivedAtUs))}  ${reason.padEnd(17)}  ${plain(key ?? topic)}  ${dim(bytesText(bytes))}${fate}`;
  });
  const more = next === null ? [] : [dim(`  more: --after ${next}`)];
  return [...(lines.length === 0 ? ['  none of these in what was looked through'] : lines), ...more];
}

export function groupLines({ dim, bold }: Style, { groups, beyondMax }: QuarantineGroupsAnswer): string[] {
  if (groups.length === 0) return ['  nothing was set aside'];
  const lines = groups.map(({ count, reason, key, topic, template, firstAtUs, lastAtUs, by }) => {
    const who = plain(key ?? topic);
    const where = template === null ? 'no template' : template;
    const storage = by === 'storage' ? ' by storage' : '';
    return `  ${bold(countText(count).padStart(9))}  ${`${reason}${storage}`.padEnd(17)}  ${who}  ${dim(`${where}  ${iso(firstAtUs)} to ${iso(lastAtUs)}`)}`;
  });
  return beyondMax === 0 ? lines : [...lines, dim(`  ${plural(beyondMax, 'item')} of further groups`)];
}

export function itemText(style: Style, { item, payload, now }: QuarantineItemAnswer): string {
  const { origin, several } = item;
  const part = several ? `, reading ${origin.part ?? 0}` : '';
  const lines = [
    labelled(style, 'reason', `${style.bold(item.reason)}  ${item.sentence}`),
    labelled(style, 'detail', plain(item.detail)),
    labelled(style, 'topic', plain(item.topic)),
    labelled(style, 'client', plain(item.client)),
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
  if (verdict.kind === 'refused') return `would be refused: ${verdict.reason}, ${plain(verdict.detail)}`;
  if (verdict.kind === 'filtered') return `would be filtered by ${verdict.transform ?? 'format drop of its topic'}`;
  if (verdict.kind === 'repeat') return 'would be a repeat of another reading in it';
  const { key, timeUs, fields } = verdict.reading;
  return `would become a reading of ${plain(key)} at ${iso(timeUs)}: ${plain(JSON.stringify(fields))}`;
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
