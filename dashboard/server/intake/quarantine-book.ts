import type { QuarantineCount, QuarantineGroup, QuarantineGroupsAnswer } from '../../../events/api-intake.ts';
import { quarantineReasons } from '../../../events/quarantine.ts';
import type { Quarantined, QuarantineReason } from '../../../events/quarantine.ts';
import type { QuarantinedBy } from '../../../events/record.ts';
import { compileTemplate, matchTopic, type TopicTemplate } from '../../../events/topics.ts';

/** Groups kept, about 0.5 KiB each; what belongs to further ones is only counted. */
export const quarantineGroupsMax = 2_000;

interface Counted {
  count: number;
  lastAtUs: number | null;
}

type Group = { -readonly [K in keyof Omit<QuarantineGroup, 'template'>]: QuarantineGroup[K] };

/** What was set aside, counted by reason, and by reason and device. The items themselves stay in the stream. */
export class QuarantineBook {
  readonly #counts = new Map<QuarantineReason, Counted>();
  readonly #groups = new Map<string, Group>();
  #beyondMax = 0;

  add({ reason, key, topic, receivedAtUs }: Quarantined, by: QuarantinedBy): void {
    const counted = this.#counts.get(reason) ?? { count: 0, lastAtUs: null };
    counted.count++;
    counted.lastAtUs = Math.max(counted.lastAtUs ?? 0, receivedAtUs);
    this.#counts.set(reason, counted);

    const name = JSON.stringify([reason, by, key, key === null ? topic : null]);
    const group = this.#groups.get(name);
    if (group !== undefined) {
      group.count++;
      group.topic = topic;
      group.firstAtUs = Math.min(group.firstAtUs, receivedAtUs);
      group.lastAtUs = Math.max(group.lastAtUs, receivedAtUs);
    } else if (this.#groups.size < quarantineGroupsMax)
      this.#groups.set(name, { reason, by, key, topic, count: 1, firstAtUs: receivedAtUs, lastAtUs: receivedAtUs });
    else this.#beyondMax++;
  }

  get total(): number {
    let total = 0;
    for (const { count } of this.#counts.values()) total += count;
    return total;
  }

  reasons(): QuarantineCount[] {
    const reasons = [...this.#counts].map(([reason, counted]) => ({
      reason,
      sentence: quarantineReasons[reason],
      ...counted,
    }));
    return reasons.toSorted((a, b) => b.count - a.count);
  }

  /** @param templates those in force */
  groups(reason: QuarantineReason | null, limit: number, templates: readonly TopicTemplate[]): QuarantineGroupsAnswer {
    const compiled = templates.map(compileTemplate);
    const groups = [...this.#groups.values()]
      .filter((group) => reason === null || group.reason === reason)
      .toSorted((a, b) => b.count - a.count || b.lastAtUs - a.lastAtUs)
      .slice(0, limit)
      .map((group) => ({ ...group, template: matchTopic(compiled, group.topic)?.template.template ?? null }));
    return { groups, beyondMax: this.#beyondMax };
  }
}
