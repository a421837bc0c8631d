import type { Quarantined, RedriveOutcome } from '../../../events/quarantine.ts';
import type { QuarantinedBy, Redriven } from '../../../events/record.ts';

/** Outcomes remembered, about 0.4 KiB each. */
export const outcomesMax = 50_000;

/** What became of what was redriven: the latest of each. */
export class RedrivenBook {
  /** Oldest first. */
  readonly #outcomes = new Map<string, RedriveOutcome>();

  add(outcome: RedriveOutcome): void {
    const name = nameOf(outcome.of);
    this.#outcomes.delete(name);
    this.#outcomes.set(name, outcome);
    if (this.#outcomes.size > outcomesMax) this.#outcomes.delete(this.#outcomes.keys().next().value!);
  }

  /** Null: it was not redriven since, or that is forgotten. An item that a redrive brought about stands for itself. */
  of(item: Quarantined, by: QuarantinedBy): RedriveOutcome | null {
    const { redriven, origin, several } = item;
    const { partition, sequence, index } = redriven ?? origin;
    const part = several ? (origin.part ?? 0) : (redriven?.part ?? null);
    const outcome = this.#outcomes.get(nameOf({ partition, sequence, index, part, by }));
    if (outcome === undefined) return null;
    const isLater = outcome.origin.sequence - origin.sequence || outcome.origin.index - origin.index;
    return isLater > 0 ? outcome : null;
  }
}

function nameOf({ sequence, index, part, by }: Redriven): string {
  return `${sequence}.${index}.${part ?? '*'}.${by}`;
}
