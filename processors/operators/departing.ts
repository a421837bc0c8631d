import type { Step } from '../step.ts';

/** Keys of devices whose windows and alerts end with a step: they are forgotten, or somebody ended them. */
export function departing({ forgotten, partings }: Pick<Step, 'forgotten' | 'partings'>): readonly string[] {
  if (partings.length === 0) return forgotten;
  return [...new Set([...forgotten, ...partings.map(({ key }) => key)])];
}
