import type { Bus } from '../../infra/bus/connection.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Alarms } from '../alarms.ts';
import { readStretch } from '../change/read-stretch.ts';
import { RebuildClock } from '../change/rebuild.ts';
import type { RebuiltState } from '../change/state-change.ts';
import { everyLog } from '../trimmer/position-book.ts';
import type { FleetCore, FleetMessage, VersionedConfig } from './fleet-core.ts';
import { FleetRebuild } from './fleet-rebuild.ts';

export interface FleetRebuildContext {
  readonly bus: Bus;
  readonly partitions: number;
  readonly alarms: Pick<Alarms, 'happened'>;
}

/** What a control record's change rebuilds of what spans devices; null when it rebuilds none. */
export async function fleetRebuiltFor(
  { bus, partitions, alarms }: FleetRebuildContext,
  core: FleetCore,
  { rebuildsFrom, sequence }: FleetMessage,
  next: VersionedConfig | null,
  signal: AbortSignal,
): Promise<RebuiltState | null> {
  if (rebuildsFrom === null || next === null || !core.rebuilds(next.config)) return null;
  const onGap = (from: number, to: number) =>
    alarms.happened(
      'rebuild-gap',
      `The fleet: log messages ${from} to ${to} were removed before configuration ${next.version} was rebuilt from ${rebuildsFrom}.`,
    );
  const { elapsedUs } = core;
  const change = { before: core.config!, after: next.config, elapsedUs, partitions };
  return rebuildFleet(bus, { ...change, from: rebuildsFrom, until: sequence, signal, onGap });
}

interface Options {
  readonly partitions: number;
  readonly from: number;
  readonly until: number;
  readonly before: ProcessingConfig;
  readonly after: ProcessingConfig;
  /** Of the fleet's clock where the control record is. */
  readonly elapsedUs: number;
  readonly signal: AbortSignal;
  readonly onGap: (from: number, to: number) => void;
}

/** Reads a stretch of all partitions twice: for its time, then through a fleet of its own. */
async function rebuildFleet(bus: Bus, options: Options): Promise<RebuiltState> {
  const { partitions, from, until, before, after, elapsedUs, signal } = options;
  const stretch = { subject: everyLog, from, until, signal };
  const clock = new RebuildClock();
  for await (const { nowUs, records } of readStretch(bus, stretch, () => undefined)) clock.take(nowUs, records);
  const rebuild = new FleetRebuild(after, partitions, elapsedUs, clock.elapsedUs);
  const onGap = (gapFrom: number, gapTo: number) => {
    rebuild.removed(gapFrom, gapTo);
    options.onGap(gapFrom, gapTo);
  };
  for await (const message of readStretch(bus, stretch, onGap)) rebuild.take(message);
  return rebuild.result(before);
}
