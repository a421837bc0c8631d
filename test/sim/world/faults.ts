import { outputNames, slots, type Answer, type Op } from '../plan.ts';
import type { Random } from '../random.ts';
import type { Lane } from '../virtual/lane-run.ts';

/** What the workers of each partition, and those of the fleet, do and suffer. */
export function drawFaults(
  random: Random,
  {
    partitions,
    hasFleet,
    messages,
    changes,
  }: Readonly<Record<'partitions' | 'messages' | 'changes', number>> & { readonly hasFleet: boolean },
): Op[] {
  const faults: Op[] = [];
  for (let partition = 0; partition < partitions; partition++)
    faults.push(...drawLane(random, partition, (3 * messages) / partitions));
  if (!hasFleet) return faults;
  const fleet = drawLane(random, 'fleet', 3 * messages);
  for (let i = 0; i < changes; i++) fleet.splice(random.integer(0, fleet.length), 0, { kind: 'apply', lane: 'fleet' });
  return [...faults, ...fleet];
}

function drawLane(random: Random, lane: Lane, count: number): Op[] {
  const crashes = random.pick([0, 0.01, 0.05]);
  const takeovers = random.pick([0, 0.01, 0.05]);
  const badNetwork = random.pick([0, 0.05, 0.3]);
  const burst = random.pick([1, 3, 10]);
  const faults: Op[] = [{ kind: 'start', lane, slot: 0 }];
  let rightful = 0;
  const answer = (): Answer => (random.chance(badNetwork) ? random.pick(['lost', 'late', 'dropped'] as const) : 'ok');
  for (let i = 0; i < count; i++) {
    // Mostly the rightful one works, and sometimes a zombie.
    const slot = random.chance(0.8) ? rightful : random.integer(0, slots - 1);
    if (random.chance(takeovers)) {
      rightful = (rightful + 1) % slots;
      faults.push({ kind: 'start', lane, slot: rightful });
    } else if (random.chance(crashes)) {
      faults.push({ kind: 'crash', lane, slot });
      if (slot === rightful) faults.push({ kind: 'start', lane, slot });
    } else if (random.chance(badNetwork / 3)) {
      faults.push({ kind: 'arrive', lane });
    } else {
      const what = random.integer(0, 9);
      if (what < 4) faults.push({ kind: 'take', lane, slot, count: random.integer(1, burst) });
      else if (what < 8)
        faults.push({
          kind: 'publish',
          lane,
          slot,
          output: random.integer(0, outputNames.length - 1),
          answer: answer(),
        });
      else if (what < 9) faults.push({ kind: 'snapshot', lane, slot });
      else faults.push({ kind: 'save', lane, slot, answer: answer() });
    }
  }
  return faults;
}
