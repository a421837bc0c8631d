import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import { firstFor, type VirtualLog, type VirtualMessage } from '../virtual/log.ts';
import type { ExpectedTransition } from './alert.ts';
import type { Joined } from './joins.ts';
import { momentsOf, type Moment } from './log-time.ts';
import type { Fates } from './readings.ts';
import type { Judged } from './rules.ts';
import type { ExpectedWindow } from './window-results.ts';

/**
 * What a lane comes to that reads a stretch of the log under one configuration, from the stretch's beginning on and
 * without anything of before: where a change rebuilds, its edited and new parts begin with this
 * (docs/operations.md, "Changing the configuration").
 */
export interface Past extends Fates {
  readonly moments: readonly Moment[];
  readonly joined: readonly Joined[];
  readonly windows: readonly ExpectedWindow[];
  readonly judged: Judged;
  readonly transitions: readonly ExpectedTransition[];
}

/** By the moment of the control record that rebuilds. */
export type Pasts = ReadonlyMap<Moment, Past>;

export const noPasts: Pasts = new Map();

/** Reads the stretch of each rebuild. @param lane what the lane makes of such moments and messages */
export function pastsOf(
  log: VirtualLog,
  messages: readonly VirtualMessage[],
  moments: readonly Moment[],
  isFleet: boolean,
  lane: (moments: readonly Moment[], messages: readonly VirtualMessage[], config: number) => Past,
): Pasts {
  const pasts = new Map<Moment, Past>();
  for (const at of moments.slice(1)) {
    const { rebuildsFrom: from, sequence } = at;
    if (from === null) continue;
    const first = firstFor(log, sequence);
    const stretch = messages.filter(
      (message) => message.sequence >= Math.max(from, first) && message.sequence < sequence,
    );
    const [begin, ...rest] = stretchMoments(stretch, at, isFleet);
    // What is missing before its first message was removed.
    const whole =
      begin === undefined ? [] : [first > from ? { ...begin, gap: { sinceUs: 0, untilUs: begin.nowUs } } : begin];
    pasts.set(at, lane([...whole, ...rest], stretch, at.config));
  }
  return pasts;
}

/** Without control records, and so that `elapsed` ends where it stands at the change. */
function stretchMoments(stretch: readonly VirtualMessage[], at: Moment, isFleet: boolean): Moment[] {
  const moments = momentsOf(stretch, isFleet).filter(({ isControl }) => !isControl);
  const beganUs = Math.max(0, at.elapsedUs - (moments.at(-1)?.elapsedUs ?? 0));
  return moments.map((one) => ({ ...one, config: at.config, elapsedUs: beganUs + one.elapsedUs }));
}

/** Whether a part of the configuration that begins here begins with what was rebuilt. */
export function pastOf(pasts: Pasts, { moments }: { readonly moments: readonly Moment[] }): Past | null {
  return pasts.get(moments[0]!) ?? null;
}

/** The last results of each of these windows in a stretch: they are written at the change. */
export function lastRevisions(past: Past, names: ReadonlySet<string>): ExpectedWindow[] {
  const last = new Map<string, ExpectedWindow>();
  for (const one of past.windows)
    if (names.has(one.window)) last.set(JSON.stringify([one.window, one.key, one.field, one.startUs]), one);
  return [...last.values()];
}

/** A configuration as the only one. */
export function alone(configs: readonly ProcessingConfig[], config: number): ProcessingConfig[] {
  return configs.map(() => configs[config]!);
}
