import type { QuarantineAnswer, QuarantineItem } from '../../../events/api-intake.ts';
import { quarantineReasons } from '../../../events/quarantine.ts';
import type { Quarantined, QuarantineReason } from '../../../events/quarantine.ts';

/** The latest items kept; older ones are only counted. */
export const quarantineItemsMax = 500;

interface Counted {
  count: number;
  lastAtUs: number | null;
}

/** What was set aside: counts by reason over what the stream still holds, and the latest items. */
export class QuarantineBook {
  readonly #items: QuarantineItem[] = [];
  readonly #counts = new Map<QuarantineReason, Counted>();

  add(item: Quarantined, sequence: number, index: number): void {
    const sentence = quarantineReasons[item.reason];
    const counted = this.#counts.get(item.reason) ?? { count: 0, lastAtUs: null };
    counted.count++;
    counted.lastAtUs = Math.max(counted.lastAtUs ?? 0, item.receivedAtUs);
    this.#counts.set(item.reason, counted);
    this.#items.push({ ...item, id: `${sequence}.${index}`, sentence });
    if (this.#items.length > quarantineItemsMax) this.#items.shift();
  }

  get total(): number {
    let total = 0;
    for (const { count } of this.#counts.values()) total += count;
    return total;
  }

  /** Newest first. A cursor whose item is gone begins anew at the newest. */
  answer(reason: QuarantineReason | null, limit: number, after: string | null): QuarantineAnswer {
    const items = this.#items.filter((item) => reason === null || item.reason === reason).toReversed();
    const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
    const page = items.slice(from, from + limit);
    const reasons = [...this.#counts].map(([name, { count, lastAtUs }]) => ({
      reason: name,
      sentence: quarantineReasons[name],
      count,
      lastAtUs,
    }));
    return {
      total: this.total,
      reasons: reasons.toSorted((a, b) => b.count - a.count),
      items: page,
      next: from + limit < items.length ? page.at(-1)!.id : null,
    };
  }
}
