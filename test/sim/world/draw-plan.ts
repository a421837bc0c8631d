import type { Entry, Plan } from '../plan.ts';
import { randomOf } from '../random.ts';
import { drawConfigs, hasFleetParts } from './config.ts';
import { drawCrowd, drawCrowded, forCrowd } from './crowds.ts';
import { drawDevice } from './device.ts';
import { drawFaults } from './faults.ts';
import { drawLog } from './ingest.ts';
import { drawScene } from './scene.ts';
import { drawRedrives } from './redrives.ts';

/** The plan of a seed: a small plant, what its log holds, and what happens to the workers. */
export function drawPlan(seed: number): Plan {
  const random = randomOf(seed);
  const [world, log, changes, faults] = [random.fork(), random.fork(), random.fork(), random.fork()];
  const { timezone, beginUs } = drawScene(world);
  const partitions = random.chance(0.3) ? 2 : 1;
  const untilSeconds = random.pick([10, 20, 40]);
  const devices = Array.from({ length: random.integer(1, 4) }, (_, i) => drawDevice(world, i, untilSeconds, beginUs));
  const crowd = drawCrowd(random);
  const state = changes.chance(0.25) ? 'keep' : 'reset';
  const drawn = drawConfigs(changes, state === 'keep' || random.chance(0.6) ? random.integer(2, 4) : 1, {
    keeps: state === 'keep',
    timezone,
  });
  const configs = crowd === null ? drawn : drawn.map((config) => forCrowd(changes, crowd, config));
  const crowded = crowd === null ? [] : drawCrowded(world, crowd, { untilSeconds, beginUs });
  const sent = [...devices.flat(), ...crowded];
  const redriven = drawRedrives(random.fork(), sent);
  const entries = drawLog(log, [...sent, ...redriven], { partitions, untilSeconds, beginUs });
  const places = configs
    .slice(1)
    .map(() => changes.integer(0, entries.length - 1))
    .toSorted((a, b) => a - b);
  const withControls = entries.flatMap((entry, i): Entry[] => [
    ...places.flatMap((place, n): Entry[] =>
      place === i ? [{ kind: 'control', id: 100_000 + n, nowUs: entry.nowUs, config: n + 1, state }] : [],
    ),
    entry,
  ]);
  return {
    seed,
    partitions,
    beginUs,
    configs,
    log: withControls,
    faults: drawFaults(faults, partitions, configs.some(hasFleetParts), entries.length),
  };
}
