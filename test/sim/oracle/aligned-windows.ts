import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import { placesOf } from './places.ts';
import { msToUs, takenOf, type Outcome, type Story, type Turn } from './story.ts';
import { resultsIn, type ExpectedWindow } from './window-results.ts';

/**
 * Tumbling and hopping windows (docs/windows.md): a window is open until the watermark reaches its end,
 * or the device is silent and the log's clock has passed the end. A late reading within `retain` revises it, once a
 * message; beyond, it changes nothing.
 */
export function alignedOf(story: Story): Outcome {
  const { moments, readingsAt, forgotten, clockUs } = story;
  let window = story.windowAt(moments[0]!);
  const { startsOf, endOf } = placesOf(window);
  const expected: ExpectedWindow[] = [];
  const late: Fate[] = [];
  const turns: Turn[] = [];
  /** Readings that windows took, each with the starts of those that did. */
  let taken: { readonly reading: Fate; readonly starts: readonly number[] }[] = [];
  let open = new Set<number>();
  let hit = new Set<number>();
  let seenUs = 0;
  let nowUs = 0;
  let greatestUs = 0;
  let overUs = 0;
  let settledUs = 0;
  let phase: Turn['phase'] = 'time';

  const watermarkUs = () => (story.isFleet ? nowUs : greatestUs) - msToUs(window.lateness);
  const closedUpToUs = () => Math.max(watermarkUs(), overUs);
  const readingsIn = (startUs: number) =>
    taken.filter(({ starts }) => starts.includes(startUs)).map(({ reading }) => reading);
  const tell = (startUs: number, at: Moment, index: number, names?: ReadonlySet<string>) => {
    const revisionOf = (field: string) => resultsSinceForgotten(field, startUs);
    const place = { startUs, endUs: endOf(startUs), at, index, isHit: hit.has(startUs) };
    expected.push(...resultsIn(story, { ...place, within: readingsIn(startUs), names, revisionOf }));
  };
  const turn = (startUs: number, at: Moment, index: number, lately?: readonly string[]) => {
    const within = readingsIn(startUs);
    const names = new Set(lately ?? within.flatMap(({ fields }) => Object.keys(fields)));
    const part = { startUs, runs: [within], names, isHit: hit.has(startUs), isLate: lately !== undefined };
    turns.push({ at, phase, index, part, closedUpToUs: closedUpToUs() });
  };
  let forgottenAt = 0;
  const resultsSinceForgotten = (field: string, startUs: number) =>
    expected.slice(forgottenAt).filter((one) => one.field === field && one.startUs === startUs).length;
  const close = (isOver: (endUs: number) => boolean, at: Moment, index: number) => {
    for (const startUs of [...open].filter((start) => isOver(endOf(start)))) {
      open.delete(startUs);
      tell(startUs, at, index);
      turn(startUs, at, index);
    }
    turns.push({ at, phase, index, closedUpToUs: closedUpToUs() });
  };

  for (const at of moments) {
    phase = 'time';
    if (at.gap !== null) hit = new Set([...hit, ...open]);
    if (window !== story.windowAt(at)) {
      // What has closed stays closed, and what was let go is, whatever lateness and retain are now.
      overUs = closedUpToUs();
      settledUs = Math.max(settledUs, watermarkUs() - msToUs(window.retain));
      window = story.windowAt(at);
    }
    nowUs = clockUs(at);
    if (story.isFleet) close((endUs) => endUs <= watermarkUs(), at, -1);
    else if (open.size > 0 && at.elapsedUs - seenUs >= msToUs(window.idle)) {
      const ends = [...open].map(endOf).filter((endUs) => endUs <= nowUs);
      overUs = Math.max(overUs, ...ends);
      close((endUs) => ends.includes(endUs), at, -1);
    }
    if (forgotten.has(at)) {
      phase = 'forgotten';
      close(() => true, at, -1);
      hit = new Set();
      [taken, open, seenUs, greatestUs, overUs, settledUs, forgottenAt] = [[], new Set(), 0, 0, 0, 0, expected.length];
    }
    phase = 'reading';
    const changed = new Map<number, Set<string>>();
    for (const reading of readingsAt.get(at) ?? []) {
      seenUs = at.elapsedUs;
      // Kept under less lateness a window may be over already.
      close((endUs) => endUs <= watermarkUs(), at, reading.index);
      const starts: number[] = [];
      let isLate = false;
      const part = takenOf(window, reading);
      for (const startUs of part === null ? [] : startsOf(reading.timeUs)) {
        const endUs = endOf(startUs);
        if (endUs > closedUpToUs()) open.add(startUs);
        else {
          isLate = true;
          if (endUs <= Math.max(settledUs, watermarkUs() - msToUs(window.retain))) continue;
          const names = changed.get(startUs) ?? new Set();
          for (const name of Object.keys(part!.fields)) names.add(name);
          changed.set(startUs, names);
        }
        starts.push(startUs);
      }
      if (part !== null) taken.push({ reading: part, starts });
      for (const startUs of starts) if (!open.has(startUs)) turn(startUs, at, reading.index, Object.keys(part!.fields));
      if (isLate) late.push(reading);
      greatestUs = Math.max(greatestUs, reading.timeUs);
      close((endUs) => endUs <= watermarkUs(), at, reading.index);
    }
    for (const [startUs, names] of changed) tell(startUs, at, -1, names);
  }
  return { expected, late, turns };
}
