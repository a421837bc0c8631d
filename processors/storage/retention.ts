import type { WindowResult } from '../../events/window.ts';

/** Where points live, and for how long. */
export type Policy = 'readings' | 'windows' | 'rollups';

const dayUs = 86_400_000_000;

/** How long each policy keeps its points, us; null is for ever. */
export const policyKeepsUs: Readonly<Record<Policy, number | null>> = {
  readings: 30 * dayUs,
  windows: 365 * dayUs,
  rollups: null,
};

export const policies = Object.keys(policyKeepsUs) as readonly Policy[];

/** Windows of an hour and longer are kept for ever. */
export const rollupMinUs = 3_600_000_000;

/**
 * The policy of a window by its length, whatever the configuration says now. Sessions and count windows, whose length is
 * their own, are all among the shorter ones: revised to another length a session stays where it was.
 */
export function windowPolicy({ startUs, endUs, varies }: Pick<WindowResult, 'startUs' | 'endUs' | 'varies'>): Policy {
  return varies !== true && endUs - startUs >= rollupMinUs ? 'rollups' : 'windows';
}

/** True if the policy no longer keeps a point of this time, by the log's clock. */
export function beyondRetention(policy: Policy, timeUs: number, nowUs: number): boolean {
  const keepsUs = policyKeepsUs[policy];
  return keepsUs !== null && timeUs < nowUs - keepsUs;
}
