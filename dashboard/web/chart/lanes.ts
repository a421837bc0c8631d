import type { AlertState, Severity, Transition } from '../../../events/alert.ts';

/** A stretch of one rule's state, us. `ok` is not drawn. */
export interface LanePart {
  readonly state: Exclude<AlertState, 'ok'>;
  readonly severity: Severity;
  readonly fromUs: number;
  readonly toUs: number;
}

export interface Lane {
  readonly rule: string;
  readonly parts: readonly LanePart[];
}

/** Lanes drawn at most; a chart says "+2" for the rest. */
export const lanesMax = 3;

type Step = Pick<Transition, 'rule' | 'to' | 'severity' | 'timeUs' | 'decidedAtUs' | 'field'>;
interface Present {
  readonly rule: string;
  readonly field: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly sinceUs: number | null;
}

/**
 * One lane per rule of a field, from its steps (in any order) and its present state. Before the first known step a
 * rule has no part: its state then is not known here. `untilUs` is the end of what is known.
 */
export function lanesOf(steps: readonly Step[], rules: readonly Present[], field: string, untilUs: number): Lane[] {
  return rules
    .filter((rule) => rule.field === field)
    .map((rule) => {
      const own = steps.filter((step) => step.rule === rule.rule && step.field === field);
      const known = own.length === 0 && rule.sinceUs !== null ? [asStep(rule, rule.sinceUs)] : own;
      return { rule: rule.rule, parts: partsOf(known, untilUs) };
    })
    .filter((lane) => lane.parts.length > 0);
}

function asStep(rule: Present, sinceUs: number): Step {
  return {
    rule: rule.rule,
    field: rule.field,
    severity: rule.severity,
    to: rule.state,
    timeUs: sinceUs,
    decidedAtUs: sinceUs,
  };
}

function partsOf(steps: readonly Step[], untilUs: number): LanePart[] {
  // In the order in which they were decided: the reading that ends an unknown state may be a little older than that.
  const sorted = steps.toSorted((a, b) => a.decidedAtUs - b.decidedAtUs || a.timeUs - b.timeUs);
  const starts: number[] = [];
  for (const { timeUs } of sorted) starts.push(Math.max(timeUs, starts.at(-1) ?? -Infinity));
  const parts: LanePart[] = [];
  sorted.forEach(({ to, severity }, i) => {
    const fromUs = starts[i]!;
    const toUs = Math.min(starts[i + 1] ?? untilUs, untilUs);
    if (to !== 'ok' && toUs > fromUs) parts.push({ state: to, severity, fromUs, toUs });
  });
  return parts;
}
