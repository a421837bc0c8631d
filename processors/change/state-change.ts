import type { Transition } from '../../events/alert.ts';
import type { DerivedReading } from '../../events/reading.ts';
import type { WindowResult } from '../../events/window.ts';
import type { JoinSetSnapshot } from '../joins/join-set.ts';
import type { DeviceLives } from '../life/device-lives.ts';
import type { RuleSetSnapshot } from '../rules/rule-set.ts';
import type { WindowSetSnapshot } from '../windows/window-set.ts';

/** What windows, rules and joins came to that read a stretch of the log under a new configuration. */
export interface RebuiltState {
  readonly windows: WindowSetSnapshot;
  readonly rules: RuleSetSnapshot;
  /** Of the fleet; a partition has none. */
  readonly joins: JoinSetSnapshot;
  /** Results of windows that closed in the stretch, the last revision of each. */
  readonly closed: readonly WindowResult[];
  /** In the order they happened. */
  readonly transitions: readonly Transition[];
  /** What edited and new joins gave in the stretch. */
  readonly derived: readonly DerivedReading[];
}

/** What becomes of the state of edited windows and rules. */
export type StateChange =
  | { readonly kind: 'reset' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'rebuild'; readonly rebuilt: RebuiltState };

export const resetState: StateChange = { kind: 'reset' };

/** What a rebuild found of devices that were erased meanwhile stays gone. */
export function withoutErased(change: StateChange, isErased: DeviceLives['isErased']): StateChange {
  if (change.kind !== 'rebuild') return change;
  const stays = ({ key, origin }: Pick<Transition, 'key' | 'origin'>) => !isErased(key, origin.sequence);
  const { rebuilt } = change;
  const [closed, transitions] = [rebuilt.closed.filter(stays), rebuilt.transitions.filter(stays)];
  return { kind: 'rebuild', rebuilt: { ...rebuilt, closed, transitions, derived: rebuilt.derived.filter(stays) } };
}
