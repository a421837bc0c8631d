import type { ProcessingConfig, WindowConfig } from '../../../infra/config/schema.ts';
import { goesOn } from './keeping.ts';
import { groupKey } from './groups.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import type { Fate, Fates } from './readings.ts';
import { alignedOf } from './aligned-windows.ts';
import { foldsOf } from './folds.ts';
import { countOf, slidingOf } from './reading-windows.ts';
import { sessionsOf } from './sessions.ts';
import { msToUs, takenFields, type Outcome, type Story, type Turn } from './story.ts';
import type { ExpectedWindow } from './window-results.ts';

const storyOf: Record<WindowConfig['kind'], (story: Story) => Outcome> = {
  tumbling: alignedOf,
  hopping: alignedOf,
  sliding: slidingOf,
  session: sessionsOf,
  count: countOf,
};

export interface ExpectedWindows {
  /** In the order in which they are written. */
  readonly results: readonly ExpectedWindow[];
  /** Readings that were late for a window. */
  readonly late: ReadonlySet<Fate>;
}

/** All results of all windows, in order of message, end, window, device and field. */
export function windowsOf(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  { fates, forgettings }: Fates,
): ExpectedWindows {
  const gaps = moments.filter(({ gap }) => gap !== null);
  const clocks = new Map<Moment, number>();
  let clockUs = 0;
  for (const at of moments) clocks.set(at, (clockUs = Math.max(clockUs, at.nowUs)));
  const readings = fates.filter(({ kind }) => kind === 'reading');
  const chains = ({ windows }: ProcessingConfig) => windows.map((window) => chainOf(window, windows));
  const chainGoesOn = (before: Chain, after: Chain) =>
    before.length === after.length && before.every((one, i) => goesOn(one, after[i]!));
  // Each behind the one that it is folded from.
  const lives = livesOf(moments, configs, chains, chainGoesOn).toSorted((a, b) => a.part.length - b.part.length);
  const turns = new Map<string, readonly Turn[]>();
  const outcomes = lives.flatMap(({ part: chain, moments: own, parts }) => {
    const window = chain.at(-1)!;
    const groups = Map.groupBy(readings, (reading) => groupKey(window.by, reading));
    groups.delete(null);
    const isFleet = !window.by.includes('device');
    const retainUs = (at: Moment) => msToUs(configs[at.config]!.state.retain);
    const windowAt = new Map([...parts].map(([at, one]) => [at, withTimesOf(one)]));
    return [...groups].map(([key, ofGroup]) => {
      const readingsAt = Map.groupBy(ofGroup, ({ at }) => at);
      const story: Story = {
        window,
        windowAt: (at) => windowAt.get(at)!,
        key: key!,
        isFleet,
        moments: own,
        readingsAt,
        forgotten: isFleet
          ? silencesOf({ window, moments: own, readingsAt }, retainUs)
          : new Set(forgettings.filter((one) => one.key === key).map(({ at }) => at)),
        gaps,
        clockUs: (at) => clocks.get(at)!,
      };
      const of = (name: string) => `${name} ${key}`;
      const outcome =
        window.from === undefined ? storyOf[window.kind](story) : foldsOf(story, turns.get(of(window.from))!);
      turns.set(of(window.name), [...(turns.get(of(window.name)) ?? []), ...(outcome.turns ?? [])]);
      return outcome;
    });
  });
  const results = outcomes.flatMap(({ expected }) => expected).toSorted(inOrder);
  return { results, late: new Set(outcomes.flatMap(({ late }) => late)) };
}

/** A window behind those that it is folded from, the shortest first. */
type Chain = readonly WindowConfig[];

function chainOf(window: WindowConfig, windows: readonly WindowConfig[]): Chain {
  const from = windows.find(({ name }) => name === window.from);
  return from === undefined ? [window] : [...chainOf(from, windows), window];
}

/** The last of a chain: its lateness is that of the first, and no part of it is idle or retained for less than one before. */
function withTimesOf(chain: Chain): WindowConfig {
  const longest = (time: 'idle' | 'retain') => Math.max(...chain.map((window) => window[time]));
  return { ...chain.at(-1)!, lateness: chain[0]!.lateness, idle: longest('idle'), retain: longest('retain') };
}

/** Moments at which a count window of several devices had had no value for `state.retain`. Other kinds end by time alone. */
function silencesOf(
  { window, moments, readingsAt }: Pick<Story, 'window' | 'moments' | 'readingsAt'>,
  retainUs: (at: Moment) => number,
): Set<Moment> {
  const silent = new Set<Moment>();
  if (window.kind !== 'count') return silent;
  let seenUs: number | null = null;
  for (const at of moments) {
    if (seenUs !== null && at.elapsedUs >= seenUs + retainUs(at)) {
      silent.add(at);
      seenUs = null;
    }
    if (readingsAt.get(at)?.some((reading) => takenFields(window, reading).length > 0)) seenUs = at.elapsedUs;
  }
  return silent;
}

function inOrder(a: ExpectedWindow, b: ExpectedWindow): number {
  return (
    a.origin.sequence - b.origin.sequence ||
    a.endUs - b.endUs ||
    order(a.window, b.window) ||
    order(a.key, b.key) ||
    order(a.field, b.field) ||
    a.startUs - b.startUs ||
    a.revision - b.revision
  );
}

export function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
