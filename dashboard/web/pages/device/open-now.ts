import type { WindowResult } from '../../../../events/window.ts';

/** The open window of a name that is shown: of several that overlap the one that ends next. */
export interface OpenWindow {
  readonly name: string;
  /** Readings of the field that has most. */
  readonly count: number;
  readonly endUs: number;
  /** Nobody knows its end yet. */
  readonly varies: boolean;
  /** Others of this name that are open as well. */
  readonly further: number;
  /** None is open: it is the last one that closed. */
  readonly isClosed: boolean;
  /** One per field. */
  readonly results: readonly WindowResult[];
}

/**
 * The open windows by name, the shortest first, with the fields in the order of the charts. Of a name of which none is
 * open the last that closed, so that it stays in its place until the next one opens.
 */
export function openWindows(
  partials: readonly WindowResult[],
  closed: readonly WindowResult[],
  fields: readonly string[],
  nowMs: number,
): readonly OpenWindow[] {
  const place = (field: string) => (fields.includes(field) ? fields.indexOf(field) : fields.length);
  const open = Map.groupBy(partials, ({ window }) => window);
  const ended = [...Map.groupBy(closed, ({ window }) => window)].filter(([name]) => !open.has(name));
  const found = [...open, ...ended.map(([name, all]) => [name, lastOf(all)] as const)].map(([name, all]) => {
    const isClosed = !open.has(name);
    const varies = all[0]!.varies === true;
    const starts = [...new Set(all.map(({ startUs }) => startUs))];
    // One whose time is over waits for the late ones only: the next is of more interest.
    const shown = all.find(({ endUs }) => endUs / 1000 > nowMs) ?? all.at(-1)!;
    // Sessions and counts have bounds of their own for each field.
    const same = varies ? newestOfEach(all) : all.filter(({ startUs }) => startUs === shown.startUs);
    return {
      name,
      varies,
      isClosed,
      sizeUs: shown.endUs - shown.startUs,
      count: Math.max(...same.map(({ count }) => count)),
      endUs: shown.endUs,
      further: varies || isClosed ? 0 : starts.length - 1,
      results: same.toSorted((a, b) => place(a.field) - place(b.field) || (a.field < b.field ? -1 : 1)),
    };
  });
  return found.toSorted((a, b) => Number(a.varies) - Number(b.varies) || a.sizeUs - b.sizeUs);
}

/** The results of the window that ended last, each field's latest revision. */
function lastOf(closed: readonly WindowResult[]): readonly WindowResult[] {
  if (closed[0]!.varies === true) return newestOfEach(closed);
  const startUs = Math.max(...closed.map((result) => result.startUs));
  return newestOfEach(closed.filter((result) => result.startUs === startUs));
}

function newestOfEach(partials: readonly WindowResult[]): readonly WindowResult[] {
  return [...new Map(partials.map((partial) => [partial.field, partial])).values()];
}
