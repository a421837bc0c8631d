import type { Moment } from './log-time.ts';
import { placesOf } from './places.ts';
import { msToUs, type Outcome, type Part, type Story, type Turn } from './story.ts';
import { resultsIn, type ExpectedWindow } from './window-results.ts';

type Place = Pick<Turn, 'at' | 'phase' | 'index'>;

/**
 * Long windows (docs/windows.md): each holds the readings of the short ones in it that have closed, as they stand. It is
 * open from the first of these until the short ones have closed up to its end, or until silence closes it as it does
 * any. What changes after that revises it, once a message.
 */
export function foldsOf(story: Story, shortTurns: readonly Turn[]): Outcome {
  const { moments, readingsAt, forgotten, clockUs } = story;
  let window = story.windowAt(moments[0]!);
  const { startsOf, endOf } = placesOf(window);
  const expected: ExpectedWindow[] = [];
  const turns: Turn[] = [];
  const turnsAt = Map.groupBy(shortTurns, ({ at }) => at);
  /** The short windows that have closed, by start. */
  let parts = new Map<number, Part>();
  let open = new Set<number>();
  let hit = new Set<number>();
  let changed = new Map<number, Set<string>>();
  let seenUs = 0;
  let overUs = 0;
  let shortUpToUs = 0;
  let forgottenAt = 0;

  const closedUpToUs = () => Math.max(shortUpToUs, overUs);
  const results = () => expected.slice(forgottenAt);
  const runsIn = (startUs: number) =>
    [...parts.values()]
      .filter((part) => startsOf(part.startUs).includes(startUs))
      .toSorted((a, b) => a.startUs - b.startUs)
      .flatMap(({ runs }) => runs);
  const tell = (startUs: number, at: Moment, index: number, names?: ReadonlySet<string>) => {
    const revisionOf = (field: string) =>
      results().filter((one) => one.field === field && one.startUs === startUs).length;
    const place = { startUs, endUs: endOf(startUs), at, index, isHit: hit.has(startUs) };
    const runs = runsIn(startUs);
    expected.push(...resultsIn(story, { ...place, within: runs.flat(), runs, names, revisionOf }));
  };
  const turn = (startUs: number, { at, phase, index }: Place, isLate: boolean, names?: ReadonlySet<string>) => {
    const runs = runsIn(startUs);
    const all = new Set(runs.flat().flatMap(({ fields }) => Object.keys(fields)));
    const part = { startUs, runs, names: names ?? all, isHit: hit.has(startUs), isLate };
    turns.push({ at, phase, index, part, closedUpToUs: closedUpToUs() });
  };
  const close = (isOver: (endUs: number) => boolean, { at, phase, index }: Place) => {
    for (const startUs of [...open].filter((start) => isOver(endOf(start)))) {
      open.delete(startUs);
      tell(startUs, at, index);
      turn(startUs, { at, phase, index }, false);
    }
    turns.push({ at, phase, index, closedUpToUs: closedUpToUs() });
  };
  const take = (part: Part, place: Place) => {
    const { startUs: partUs, names, isHit, isLate } = part;
    parts.set(partUs, part);
    for (const startUs of startsOf(partUs)) {
      if (isHit) hit.add(startUs);
      if (open.has(startUs)) continue;
      const hadResults = results().some((one) => one.startUs === startUs);
      const isTold = hadResults || changed.has(startUs) || (isLate && endOf(startUs) <= closedUpToUs());
      if (!isTold) open.add(startUs);
      else {
        changed.set(startUs, new Set([...(changed.get(startUs) ?? []), ...names]));
        turn(startUs, place, true, names);
      }
    }
  };
  const follow = (one: Turn) => {
    shortUpToUs = one.closedUpToUs;
    if (one.part !== undefined) take(one.part, one);
    else close((endUs) => endUs <= closedUpToUs(), one);
  };

  for (const at of moments) {
    const ofMessage = turnsAt.get(at) ?? [];
    const inPhase = (phase: Turn['phase']) => ofMessage.filter((one) => one.phase === phase);
    if (at.gap !== null) hit = new Set([...hit, ...open]);
    if (window !== story.windowAt(at)) {
      overUs = closedUpToUs();
      window = story.windowAt(at);
    }
    inPhase('time').forEach(follow);
    if (!story.isFleet && open.size > 0 && at.elapsedUs - seenUs >= msToUs(window.idle)) {
      const ends = [...open].map(endOf).filter((endUs) => endUs <= clockUs(at));
      overUs = Math.max(overUs, ...ends);
      close((endUs) => ends.includes(endUs), { at, phase: 'time', index: -1 });
    }
    if (forgotten.has(at)) {
      inPhase('forgotten').forEach(follow);
      close(() => true, { at, phase: 'forgotten', index: -1 });
      [parts, open, hit, changed] = [new Map(), new Set(), new Set(), new Map()];
      [seenUs, overUs, shortUpToUs, forgottenAt] = [0, 0, 0, expected.length];
    }
    if (readingsAt.has(at)) seenUs = at.elapsedUs;
    inPhase('reading').forEach(follow);
    for (const [startUs, names] of changed) tell(startUs, at, -1, names);
    changed = new Map();
  }
  return { expected, late: [], turns };
}
