import type { DevicesAnswer } from '../../../events/api.ts';
import { severities } from '../../../events/alert.ts';
import type { AlertBook } from '../alerts/alert-book.ts';
import type { FieldCatalogue } from '../figures/field-catalogue.ts';
import type { DeviceEntry } from './device-entry.ts';
import type { DeviceMirror } from './device-mirror.ts';
import { matches } from './search.ts';
import type { SearchTerm } from './search.ts';

const columnsMax = 12;
const tagsMax = 12;
const tagValuesMax = 50;

interface Listed {
  readonly entry: DeviceEntry;
  /** 0 critical, 1 warning, 2 info, 3 silent, 4 the rest. */
  readonly rank: number;
}

export interface DeviceListQuery {
  readonly terms: readonly SearchTerm[];
  readonly limit: number;
  /** Cursor of the page before. */
  readonly after: string | null;
}

/** The devices that match, in alert first, then silent, then by name, and what their fields and tags have in common. */
export function listDevices(
  mirror: DeviceMirror,
  alerts: AlertBook,
  fields: FieldCatalogue,
  { terms, limit, after }: DeviceListQuery,
): Omit<DevicesAnswer, 'beyondMax'> {
  const found: Listed[] = [];
  let stale = 0;
  let retired = 0;
  for (const entry of mirror.entries()) {
    if (entry.stale) stale++;
    if (entry.state.life.retired) retired++;
    const worst = alerts.worst(entry.state.key);
    if (!matches(terms, { state: entry.state, inAlert: worst !== null })) continue;
    const rank = worst === null ? (entry.stale ? 3 : 4) : severities.length - 1 - severities.indexOf(worst.severity);
    found.push({ entry, rank });
  }
  found.sort(compare);
  const from = after === null ? 0 : startAfter(found, after);
  const page = found.slice(from, from + limit);
  const nowUs = mirror.nowUs ?? 0;
  const last = page.at(-1);
  return {
    total: mirror.size,
    matched: found.length,
    stale,
    retired,
    items: page.map(({ entry }) => entry.row(nowUs, alerts.worst(entry.state.key), true)),
    columns: columns(found, fields),
    tags: tags(found),
    next: last !== undefined && from + limit < found.length ? `${last.rank}:${last.entry.state.key}` : null,
  };
}

function compare(a: Listed, b: Listed): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.entry.sortKey < b.entry.sortKey ? -1 : 1;
}

/** Index behind the cursor `rank:key`. Where its device has changed rank meanwhile, the page may repeat or skip it. */
function startAfter(found: readonly Listed[], after: string): number {
  const colon = after.indexOf(':');
  const [rank, key] = [Number(after.slice(0, colon)), after.slice(colon + 1)];
  const exact = found.findIndex(({ entry }) => entry.state.key === key);
  if (exact >= 0 && found[exact]!.rank === rank) return exact + 1;
  const next = found.findIndex((listed) => listed.rank > rank);
  return next < 0 ? found.length : next;
}

function columns(found: readonly Listed[], fields: FieldCatalogue): DevicesAnswer['columns'] {
  const counts = new Map<string, { devices: number; traced: number; topic: string }>();
  for (const { entry } of found)
    for (const name in entry.state.fields) {
      let count = counts.get(name);
      if (count === undefined) {
        if (counts.size >= 1_000) continue;
        counts.set(name, (count = { devices: 0, traced: 0, topic: entry.state.topic }));
      }
      count.devices++;
      if (entry.tracedField === name) count.traced++;
    }
  // The trace stands beside the first column: of fields that as many devices have, the one that is traced comes first.
  const commonest = [...counts]
    .toSorted(([a, x], [b, y]) => y.devices - x.devices || y.traced - x.traced || (a < b ? -1 : 1))
    .slice(0, columnsMax);
  return commonest.map(([name, { devices, topic }]) => {
    const { label, unit } = fields.of(name, topic);
    return { name, label, unit, devices };
  });
}

function tags(found: readonly Listed[]): DevicesAnswer['tags'] {
  const values = new Map<string, Set<string>>();
  for (const { entry } of found)
    for (const name in entry.state.tags) {
      let known = values.get(name);
      if (known === undefined) {
        if (values.size >= tagsMax) continue;
        values.set(name, (known = new Set()));
      }
      if (known.size < tagValuesMax) known.add(entry.state.tags[name]!);
    }
  return [...values].map(([name, known]) => ({ name, values: [...known].toSorted() }));
}
