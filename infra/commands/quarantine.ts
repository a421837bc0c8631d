import type {
  QuarantineAnswer,
  QuarantineFilter,
  QuarantineGroupsAnswer,
  QuarantineItemAnswer,
  RedriveCommand,
  RedriveReport,
} from '../../events/api-intake.ts';
import type { ApiError } from '../../events/api.ts';
import { type QuarantineReason, quarantineReasons } from '../../events/quarantine.ts';
import { MillraceError } from '../errors.ts';
import { labelled } from '../terminal/labelled.ts';
import { plural } from '../terminal/quantities.ts';
import { groupLines, itemLines, itemText, redrivenText } from '../terminal/quarantine-lines.ts';
import { type DashboardClient, dashboardAt, ownDashboard } from './dashboard-client.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';
import { wholeNumber } from './whole-number.ts';

export interface QuarantineFlags extends ConfigCommandFlags {
  /** Address of the dashboard. */
  readonly url?: string;
  readonly reason?: string;
  readonly device?: string;
  readonly topic?: string;
  readonly from?: string;
  readonly to?: string;
  readonly open?: boolean;
  readonly limit?: string;
  readonly after?: string;
}

export interface RedriveFlags extends QuarantineFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** `millrace quarantine list`. Exit code 0, 1 for a wrong configuration. @throws UsageError, API_REFUSED, API_UNREACHABLE */
export async function listQuarantine(terminal: Terminal, flags: QuarantineFlags): Promise<number> {
  const api = apiOf(terminal, flags);
  if (api === null) return 1;
  const { after } = flags;
  const limit = wholeNumber('--limit', flags.limit ?? '50', 1, 200);
  if (after !== undefined && !/^\d+\.\d+$/.test(after))
    throw new UsageError(`--after must be what the page before says, such as 21.0, is "${after}"`);
  const answer = await ask<QuarantineAnswer>(api, '/quarantine', { ...filterOf(flags), limit, after });
  if (terminal.isJson) for (const item of answer.items) terminal.json(item);
  else terminal.out(itemLines(terminal.style, answer).join('\n'));
  return 0;
}

/** `millrace quarantine groups`. */
export async function groupQuarantine(terminal: Terminal, flags: QuarantineFlags): Promise<number> {
  const api = apiOf(terminal, flags);
  if (api === null) return 1;
  const { reason } = filterOf(flags);
  const limit = wholeNumber('--limit', flags.limit ?? '100', 1, 1_000);
  const answer = await ask<QuarantineGroupsAnswer>(api, '/quarantine/groups', { reason, limit });
  if (terminal.isJson) for (const group of answer.groups) terminal.json(group);
  else terminal.out(groupLines(terminal.style, answer).join('\n'));
  return 0;
}

/** `millrace quarantine show <id>`. */
export async function showQuarantined(terminal: Terminal, id: string, flags: QuarantineFlags): Promise<number> {
  const api = apiOf(terminal, flags);
  if (api === null) return 1;
  const answer = await ask<QuarantineItemAnswer>(api, `/quarantine/items/${encodeURIComponent(id)}`);
  if (terminal.isJson) terminal.json(answer);
  else terminal.out(itemText(terminal.style, answer));
  return 0;
}

/**
 * `millrace quarantine redrive [ids]`: by ids, or by filter request after request to the end. Exit code 1 when nothing
 * was there to redrive or the log held none of it.
 */
export async function redriveQuarantine(
  terminal: Terminal,
  ids: readonly string[],
  flags: RedriveFlags,
): Promise<number> {
  const filter = filterOf(flags);
  const isFiltered = Object.keys(filter).length > 0;
  if (ids.length > 0 === (isFiltered || flags.all === true))
    throw new UsageError('name either ids, or a filter such as --reason no-template, or --all');
  const api = apiOf(terminal, flags);
  if (api === null) return 1;
  const dryRun = flags.dryRun === true;
  const sum = { considered: 0, appended: 0, gone: 0, skipped: 0 };
  const would = { readings: 0, filtered: 0, refused: {} as Record<string, number> };
  let page: Pick<RedriveReport, 'next' | 'until'> | null = null;
  let left = flags.limit === undefined ? Infinity : wholeNumber('--limit', flags.limit, 1, Number.MAX_SAFE_INTEGER);
  for (;;) {
    const limit = Math.min(left, requestMax);
    const what = ids.length > 0 ? { ids } : { filter, limit, ...(page && { after: page.next!, until: page.until }) };
    const command: RedriveCommand = { ...what, dryRun };
    const report: RedriveReport = await ask<RedriveReport>(api, '/quarantine/redrive', {}, command);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name];
    would.readings += report.would?.readings ?? 0;
    would.filtered += report.would?.filtered ?? 0;
    for (const [reason, count] of Object.entries(report.would?.refused ?? {}))
      would.refused[reason] = (would.refused[reason] ?? 0) + count;
    left -= report.considered;
    page = report;
    if (page.next === null || left <= 0) break;
    if (terminal.isJson) terminal.json({ event: 'progress', ...sum });
    else terminal.err(labelled(terminal.errStyle, 'progress', plural(sum.considered, 'item')));
  }
  if (terminal.isJson) terminal.json({ event: 'done', dryRun, ...sum, ...(dryRun && { would }) });
  else terminal.out(redrivenText(terminal.style, sum, dryRun ? would : null));
  return dryRun || sum.appended > 0 ? 0 : 1;
}

/** Items of one request. */
const requestMax = 500;

function filterOf(flags: QuarantineFlags): QuarantineFilter {
  const { reason, device, topic, from, to, open } = flags;
  return {
    ...(reason !== undefined && { reason: reasonOf(reason) }),
    ...(device !== undefined && { key: device }),
    ...(topic !== undefined && { topic }),
    ...(from !== undefined && { from: timeOf('--from', from) }),
    ...(to !== undefined && { to: timeOf('--to', to) }),
    ...(open === true && { open }),
  };
}

function timeOf(flag: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new UsageError(`${flag} must be a time such as 2026-07-01T10:00:00Z, is "${text}"`);
  return ms * 1_000;
}

function reasonOf(text: string): QuarantineReason {
  const known = Object.keys(quarantineReasons) as QuarantineReason[];
  const reason = known.find((one) => one === text);
  if (reason === undefined) throw new UsageError(`--reason is "${text}", must be one of ${known.join(', ')}`);
  return reason;
}

/** Null: the configuration is wrong, and that was said. */
function apiOf(terminal: Terminal, flags: QuarantineFlags): DashboardClient | null {
  if (flags.url !== undefined) return dashboardAt(flags.url, process.env);
  const config = loadOrExplain(terminal, flags);
  return config === null ? null : ownDashboard(config);
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- who asks says which answer it expects
async function ask<T>(api: DashboardClient, path: string, query: Query = {}, body?: unknown): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  const { status, text } = await api.ask(search === '' ? path : `${path}?${search}`, body);
  if (status >= 200 && status < 300) return JSON.parse(text) as T;
  throw new MillraceError('API_REFUSED', `${path} answered ${status}: ${sentenceOf(text)}`);
}

function sentenceOf(text: string): string {
  try {
    return (JSON.parse(text) as ApiError).message;
  } catch {
    return text.slice(0, 200);
  }
}
