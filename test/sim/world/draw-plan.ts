import type { Control, Entry, Plan } from '../plan.ts';
import { randomOf, type Random } from '../random.ts';
import { drawConfigs, hasFleetParts } from './config.ts';
import { drawCrowd, drawCrowded, forCrowd } from './crowds.ts';
import { drawDevice } from './device.ts';
import { drawFaults } from './faults.ts';
import { drawLog } from './ingest.ts';
import { drawScene } from './scene.ts';
import { drawRedrives } from './redrives.ts';

/** Marks what of the log is removed before it is read. */
function trimmed(random: Random, entries: readonly Entry[]): Entry[] {
  if (!random.chance(0.15)) return [...entries];
  const from = random.integer(0, entries.length);
  const until = from + random.integer(1, 20);
  return entries.map((entry, i) =>
    entry.kind === 'batch' && i >= from && i < until ? { ...entry, removed: true } : entry,
  );
}

/** The plan of a seed: a small plant, what its log holds, and what happens to the workers. */
export function drawPlan(seed: number): Plan {
  const random = randomOf(seed);
  const [world, log, changes, faults] = [random.fork(), random.fork(), random.fork(), random.fork()];
  const { timezone, beginUs } = drawScene(world);
  const partitions = random.chance(0.3) ? 2 : 1;
  const untilSeconds = random.pick([10, 20, 40]);
  const devices = Array.from({ length: random.integer(1, 4) }, (_, i) => drawDevice(world, i, untilSeconds, beginUs));
  const crowd = drawCrowd(random);
  const state = changes.pick(['keep', 'rebuild', 'reset', 'reset'] as const);
  const count = state !== 'reset' || random.chance(0.5) ? random.integer(2, 4) : 1;
  const drawn = drawConfigs(changes, count, { keeps: state === 'keep', timezone });
  const configs = crowd === null ? drawn : drawn.map((config) => forCrowd(changes, crowd, config));
  const crowded = crowd === null ? [] : drawCrowded(world, crowd, { untilSeconds, beginUs });
  const sent = [...devices.flat(), ...crowded];
  const redriven = drawRedrives(random.fork(), sent);
  const entries = drawLog(log, [...sent, ...redriven], { partitions, untilSeconds, beginUs });
  const places = configs
    .slice(1)
    .map(() => changes.integer(0, entries.length - 1))
    .toSorted((a, b) => a - b);
  const controls = places.map((place, n): Control => {
    const { nowUs } = entries[place]!;
    const back = state === 'rebuild' ? changes.pick([changes.integer(0, 12), changes.integer(0, 60), 1_000]) : 0;
    return { kind: 'control', id: 100_000 + n, nowUs, config: n + 1, state, back };
  });
  const withControls = entries.flatMap((entry, i): Entry[] => [...controls.filter((_, n) => places[n] === i), entry]);
  return {
    seed,
    partitions,
    beginUs,
    configs,
    log: trimmed(random.fork(), withControls),
    faults: drawFaults(faults, {
      partitions,
      hasFleet: configs.some(hasFleetParts),
      messages: entries.length,
      changes: configs.length - 1,
    }),
  };
}
