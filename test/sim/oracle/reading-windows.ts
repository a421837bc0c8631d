import type { Fate } from './readings.ts';
import { msToUs, takenFields, takenOf, type Outcome, type Story } from './story.ts';
import { resultsIn, type ExpectedWindow } from './window-results.ts';

/** `(time - size, time]` of each reading that is not before the watermark: one result for each of its fields. */
export function slidingOf(story: Story): Outcome {
  const { moments, readingsAt, forgotten, clockUs } = story;
  const sizeUs = msToUs(story.window.size!);
  const expected: ExpectedWindow[] = [];
  const late: Fate[] = [];
  let taken: Fate[] = [];
  let seenUs = 0;
  for (const at of moments) {
    const window = story.windowAt(at);
    if (forgotten.has(at)) [taken, seenUs] = [[], 0];
    for (const reading of readingsAt.get(at) ?? []) {
      const { timeUs, index } = reading;
      const part = takenOf(window, reading);
      const greatestUs = story.isFleet ? clockUs(at) : seenUs;
      if (timeUs < greatestUs - msToUs(window.lateness)) {
        if (part !== null) late.push(reading);
        continue;
      }
      seenUs = Math.max(seenUs, timeUs);
      if (part === null) continue;
      taken.push(part);
      const names = new Set(Object.keys(part.fields));
      const within = taken.filter((other) => other.timeUs > timeUs - sizeUs && other.timeUs <= timeUs);
      const place = { startUs: timeUs - sizeUs, endUs: timeUs, at, index, isHit: false };
      expected.push(...resultsIn(story, { ...place, within, names, revisionOf: () => 0 }));
    }
  }
  return { expected, late };
}

/** So many values of a field in the order of the log, whatever their times. What is left when it is forgotten is told. */
export function countOf(story: Story): Outcome {
  const { moments, readingsAt, forgotten } = story;
  const expected: ExpectedWindow[] = [];
  const filling = new Map<string, Fate[]>();
  const hit = new Set<string>();
  for (const at of moments) {
    const window = story.windowAt(at);
    const tell = (field: string, within: readonly Fate[], index: number) => {
      const times = within.map(({ timeUs }) => timeUs);
      const place = { startUs: Math.min(...times), endUs: Math.max(...times), at, index, isHit: hit.delete(field) };
      expected.push(...resultsIn(story, { ...place, within, names: new Set([field]), revisionOf: () => 0 }));
    };
    if (at.gap !== null) for (const field of filling.keys()) hit.add(field);
    if (forgotten.has(at)) {
      for (const [field, within] of filling) tell(field, within, -1);
      filling.clear();
    }
    for (const reading of readingsAt.get(at) ?? [])
      for (const field of takenFields(window, reading)) {
        const within = [...(filling.get(field) ?? []), reading];
        filling.set(field, within);
        if (within.length < window.count!) continue;
        filling.delete(field);
        tell(field, within, reading.index);
      }
  }
  return { expected, late: [] };
}
