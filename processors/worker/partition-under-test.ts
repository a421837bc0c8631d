import { createCheckpoints, type Checkpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { createLogger } from '../../infra/log.ts';
import { Alarms } from '../alarms.ts';
import { Figures } from '../figures.ts';
import type { PartitionContext } from './partition-run.ts';

const log = createLogger('test', 'silent');

/** A worker's surroundings on a connection, without a live feed. */
export async function contextOn(own: Bus): Promise<PartitionContext> {
  return {
    bus: own,
    partition: 0,
    partitions: 1,
    checkpoints: await createCheckpoints(own),
    log,
    alarms: new Alarms(own, log),
    figures: new Figures(),
    live: null,
    onMessage: () => undefined,
    onSaved: () => undefined,
  };
}

/** Checkpoints that are read (or, with `load`, seem to be missing) and never replaced. */
export async function unsaved(bus: Bus, load?: Checkpoints['load']): Promise<Checkpoints> {
  const checkpoints = await createCheckpoints(bus);
  return {
    load: load ?? ((name) => checkpoints.load(name)),
    save: () => Promise.resolve(),
    names: () => checkpoints.names(),
    keep: () => Promise.resolve(),
    remove: (name) => checkpoints.remove(name),
    sweep: () => checkpoints.sweep(),
  };
}
