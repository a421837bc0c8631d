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
import { lastRevisions, noPasts, pastOf, type Pasts } from './past.ts';
import { touchesGap, type ExpectedWindow } from './window-results.ts';

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
  /** Those that rules judge: what a rebuild found of the past they have judged there. */
  readonly judged: readonly ExpectedWindow[];
  /** Readings that were late for a window. */
  readonly late: ReadonlySet<Fate>;
}

/** All results of all windows, in order of message, end, window, device and field. */
export function windowsOf(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  { fates, forgettings }: Fates,
  pasts: Pasts = noPasts,
): ExpectedWindows {
  const gaps = moments.filter(({ gap }) => gap !== null);
  const clocks = clocksOf(moments);
  const readings = fates.filter(({ kind }) => kind === 'reading');
  const chains = ({ windows }: ProcessingConfig) => windows.map((window) => chainOf(window, windows));
  const chainGoesOn = (before: Chain, after: Chain) =>
    before.length === after.length && before.every((one, i) => goesOn(one, after[i]!));
  // Each behind the one that it is folded from.
  const lives = livesOf(moments, configs, chains, chainGoesOn).toSorted((a, b) => a.part.length - b.part.length);
  const turns = new Map<string, readonly Turn[]>();
  const outcomes = lives.flatMap((life) => {
    const { part: chain, parts } = life;
    const window = chain.at(-1)!;
    const past = pastOf(pasts, life);
    const own = [...(past?.moments ?? []), ...life.moments];
    const pastGaps = past?.moments.filter(({ gap }) => gap !== null) ?? [];
    const pastClocks = clocksOf(past?.moments ?? []);
    const before = past?.fates.filter(({ kind }) => kind === 'reading') ?? [];
    const groups = Map.groupBy([...before, ...readings], (reading) => groupKey(window.by, reading));
    groups.delete(null);
    const isFleet = !window.by.includes('device');
    const retainUs = (at: Moment) => msToUs(configs[at.config]!.state.retain);
    const windows = new Map([...parts].map(([at, one]) => [at, withTimesOf(one)]));
    const windowAt = (at: Moment) => windows.get(at) ?? windows.get(life.moments[0]!)!;
    return [...groups].map(([key, ofGroup]) => {
      const readingsAt = Map.groupBy(ofGroup, ({ at }) => at);
      const story: Story = {
        window,
        windowAt,
        key: key!,
        isFleet,
        moments: own,
        readingsAt,
        forgotten: isFleet
          ? silencesOf({ window, windowAt, moments: own, readingsAt }, retainUs)
          : new Set(
              [...(past?.forgettings ?? []), ...forgettings].filter((one) => one.key === key).map(({ at }) => at),
            ),
        gapsAt: (at) => (pastClocks.has(at) ? pastGaps : gaps),
        clockUs: (at) => pastClocks.get(at) ?? clocks.get(at)!,
      };
      const of = (name: string) => `${name} ${key}`;
      const outcome =
        window.from === undefined ? storyOf[window.kind](story) : foldsOf(story, turns.get(of(window.from))!);
      turns.set(of(window.name), [...(turns.get(of(window.name)) ?? []), ...(outcome.turns ?? [])]);
      const first = outcome.expected.findIndex(({ origin }) => origin.sequence >= life.moments[0]!.sequence);
      return { ...outcome, since: first === -1 ? outcome.expected.length : first };
    });
  });
  const judged = outcomes.flatMap(({ expected, since }) => expected.slice(since)).toSorted(inOrder);
  const written = [
    ...judged.map((result) => ({ result, sequence: result.origin.sequence })),
    ...[...pasts].flatMap(([at, past]) => {
      const names = lives.filter((life) => life.moments[0] === at).map(({ part }) => part.at(-1)!.name);
      return lastRevisions(past, new Set(names)).map((result) => {
        const touched = touchesGap(gaps, at, result.startUs, result.endUs);
        return { result: touched ? { ...result, incomplete: true as const } : result, sequence: at.sequence };
      });
    }),
  ];
  const results = written
    .toSorted((a, b) => a.sequence - b.sequence || inWindowOrder(a.result, b.result))
    .map(({ result }) => result);
  return { results, judged, late: new Set(outcomes.flatMap(({ late }) => late)) };
}

/** The greatest that the log's clock has been, at each moment. */
function clocksOf(moments: readonly Moment[]): Map<Moment, number> {
  let clockUs = 0;
  return new Map(moments.map((at) => [at, (clockUs = Math.max(clockUs, at.nowUs))]));
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
  { window, windowAt, moments, readingsAt }: Pick<Story, 'window' | 'windowAt' | 'moments' | 'readingsAt'>,
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
    if (readingsAt.get(at)?.some((reading) => takenFields(windowAt(at), reading).length > 0)) seenUs = at.elapsedUs;
  }
  return silent;
}

function inOrder(a: ExpectedWindow, b: ExpectedWindow): number {
  return a.origin.sequence - b.origin.sequence || inWindowOrder(a, b);
}

function inWindowOrder(a: ExpectedWindow, b: ExpectedWindow): number {
  return (
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
