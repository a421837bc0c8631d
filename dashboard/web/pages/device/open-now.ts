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
  /** One per field. */
  readonly partials: readonly WindowResult[];
}

/** The open windows by name, the shortest first, with the fields in the order of the charts. */
export function openWindows(
  partials: readonly WindowResult[],
  fields: readonly string[],
  nowMs: number,
): readonly OpenWindow[] {
  const place = (field: string) => (fields.includes(field) ? fields.indexOf(field) : fields.length);
  const found = [...Map.groupBy(partials, ({ window }) => window)].map(
    ([name, all]): OpenWindow & { sizeUs: number } => {
      const varies = all[0]!.varies === true;
      const starts = [...new Set(all.map(({ startUs }) => startUs))];
      // One whose time is over waits for the late ones only: the next is of more interest.
      const shown = all.find(({ endUs }) => endUs / 1000 > nowMs) ?? all.at(-1)!;
      // Sessions and counts have bounds of their own for each field.
      const same = varies ? newestOfEach(all) : all.filter(({ startUs }) => startUs === shown.startUs);
      return {
        name,
        varies,
        sizeUs: shown.endUs - shown.startUs,
        count: Math.max(...same.map(({ count }) => count)),
        endUs: shown.endUs,
        further: varies ? 0 : starts.length - 1,
        partials: same.toSorted((a, b) => place(a.field) - place(b.field) || (a.field < b.field ? -1 : 1)),
      };
    },
  );
  return found.toSorted((a, b) => Number(a.varies) - Number(b.varies) || a.sizeUs - b.sizeUs);
}

function newestOfEach(partials: readonly WindowResult[]): readonly WindowResult[] {
  return [...new Map(partials.map((partial) => [partial.field, partial])).values()];
}
