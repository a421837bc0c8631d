import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import { counts, msToUs, takenFields, type Outcome, type Story } from './story.ts';
import { resultsIn, type ExpectedWindow } from './window-results.ts';

/** How far local time is ahead, of the zones that the simulation uses: they never change their clocks. */
const offsetsUs: Readonly<Record<string, number>> = { UTC: 0, 'Pacific/Honolulu': -36_000e6 };

/**
 * Tumbling and hopping windows (docs/windows.md): a window is open until the watermark reaches its end,
 * or the device is silent and the log's clock has passed the end. A late reading within `retain` revises it, once a
 * message; beyond, it changes nothing.
 */
export function alignedOf(story: Story): Outcome {
  const { moments, readingsAt, forgotten, clockUs } = story;
  let window = story.windowAt(moments[0]!);
  const sizeUs = msToUs(window.size!);
  const everyUs = window.kind === 'hopping' ? msToUs(window.every!) : sizeUs;
  const localUs = offsetsUs[window.timezone ?? 'UTC']!;
  const expected: ExpectedWindow[] = [];
  const late: Fate[] = [];
  /** Readings that windows took, each with the starts of those that did. */
  let taken: { readonly reading: Fate; readonly starts: readonly number[] }[] = [];
  let open = new Set<number>();
  let hit = new Set<number>();
  let seenUs = 0;
  let nowUs = 0;
  let greatestUs = 0;
  let overUs = 0;
  let settledUs = 0;

  const startsOf = ({ timeUs }: Fate) => {
    const last = Math.floor((timeUs + localUs) / everyUs) * everyUs - localUs;
    return Array.from({ length: sizeUs / everyUs }, (_, i) => last - i * everyUs);
  };
  const watermarkUs = () => (story.isFleet ? nowUs : greatestUs) - msToUs(window.lateness);
  const tell = (startUs: number, at: Moment, index: number, names?: ReadonlySet<string>) => {
    const within = taken.filter(({ starts }) => starts.includes(startUs)).map(({ reading }) => reading);
    const revisionOf = (field: string) => resultsSinceForgotten(field, startUs);
    const place = { startUs, endUs: startUs + sizeUs, at, index, isHit: hit.has(startUs) };
    expected.push(...resultsIn(story, { ...place, within, names, revisionOf }));
  };
  let forgottenAt = 0;
  const resultsSinceForgotten = (field: string, startUs: number) =>
    expected.slice(forgottenAt).filter((one) => one.field === field && one.startUs === startUs).length;
  const close = (isOver: (endUs: number) => boolean, at: Moment, index: number) => {
    for (const startUs of [...open].filter((start) => isOver(start + sizeUs))) {
      open.delete(startUs);
      tell(startUs, at, index);
    }
  };

  for (const at of moments) {
    if (at.gap !== null) hit = new Set([...hit, ...open]);
    if (window !== story.windowAt(at)) {
      // What has closed stays closed, and what was let go is, whatever lateness and retain are now.
      overUs = Math.max(overUs, watermarkUs());
      settledUs = Math.max(settledUs, watermarkUs() - msToUs(window.retain));
      window = story.windowAt(at);
    }
    nowUs = clockUs(at);
    if (story.isFleet) close((endUs) => endUs <= watermarkUs(), at, -1);
    else if (open.size > 0 && at.elapsedUs - seenUs >= msToUs(window.idle)) {
      const ends = [...open].map((start) => start + sizeUs).filter((endUs) => endUs <= nowUs);
      close((endUs) => ends.includes(endUs), at, -1);
      overUs = Math.max(overUs, ...ends);
    }
    if (forgotten.has(at)) {
      close(() => true, at, -1);
      hit = new Set();
      [taken, open, seenUs, greatestUs, overUs, settledUs, forgottenAt] = [[], new Set(), 0, 0, 0, 0, expected.length];
    }
    const changed = new Map<number, Set<string>>();
    for (const reading of readingsAt.get(at) ?? []) {
      seenUs = at.elapsedUs;
      // Kept under less lateness a window may be over already.
      close((endUs) => endUs <= watermarkUs(), at, reading.index);
      const starts: number[] = [];
      let isLate = false;
      for (const startUs of counts(story, reading) ? startsOf(reading) : []) {
        const endUs = startUs + sizeUs;
        if (endUs > Math.max(watermarkUs(), overUs)) open.add(startUs);
        else {
          isLate = true;
          if (endUs <= Math.max(settledUs, watermarkUs() - msToUs(window.retain))) continue;
          const names = changed.get(startUs) ?? new Set();
          for (const name of takenFields(window, reading)) names.add(name);
          changed.set(startUs, names);
        }
        starts.push(startUs);
      }
      taken.push({ reading, starts });
      if (isLate) late.push(reading);
      greatestUs = Math.max(greatestUs, reading.timeUs);
      close((endUs) => endUs <= watermarkUs(), at, reading.index);
    }
    for (const [startUs, names] of changed) tell(startUs, at, -1, names);
  }
  return { expected, late };
}
