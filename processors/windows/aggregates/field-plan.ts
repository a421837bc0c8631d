import { percentileNames, type PercentileName } from '../../../events/window.ts';
import type { WindowConfig } from '../../../infra/config/schema.ts';

/** What a window computes, read from its configuration once. */
export interface FieldPlan {
  /** Names of the fields taken; null for all. */
  readonly fields: ReadonlySet<string> | null;
  /** Texts have something to say. */
  readonly texts: boolean;
  readonly percentiles: readonly PercentileName[];
  readonly distinct: boolean;
  readonly twa: boolean;
  readonly increase: boolean;
  readonly rate: boolean;
  readonly duration: boolean;
  /** Something depends on the order of event times. */
  readonly ordered: boolean;
  /** Something besides the usual eight is computed. */
  readonly more: boolean;
}

export function fieldPlan({ fields, aggregates }: Pick<WindowConfig, 'fields' | 'aggregates'>): FieldPlan {
  const asked = new Set(aggregates);
  const has = (name: (typeof aggregates)[number]) => asked.has(name);
  const order = { twa: has('twa'), increase: has('increase'), rate: has('rate'), duration: has('duration') };
  return {
    fields: fields.includes('*') ? null : new Set(fields),
    texts: has('distinct') || has('duration'),
    percentiles: percentileNames.filter(has),
    distinct: has('distinct'),
    ...order,
    ordered: Object.values(order).includes(true),
    more: asked.size > 0,
  };
}
