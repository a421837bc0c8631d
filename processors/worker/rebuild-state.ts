import { subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Alarms } from '../alarms.ts';
import { readStretch } from '../change/read-stretch.ts';
import { Rebuild, RebuildClock } from '../change/rebuild.ts';
import type { RebuiltState } from '../change/state-change.ts';
import type { PartitionContext } from './partition-run.ts';
import type { Configuration, ReadMessage, WorkerCore } from './worker-core.ts';

export interface RebuildOptions {
  readonly partition: number;
  readonly partitions: number;
  /** The first message to read, and the control record's, which is not read. */
  readonly from: number;
  readonly until: number;
  readonly before: ProcessingConfig;
  readonly after: ProcessingConfig;
  /** `elapsed` where the control record is. */
  readonly elapsedUs: number;
  readonly signal: AbortSignal;
  /** Messages of the stretch are gone. */
  readonly onGap: (from: number, to: number) => void;
}

/** The state that a control record's change rebuilds; null when it rebuilds none. */
export function rebuiltFor(
  {
    bus,
    partition,
    partitions,
    alarms,
  }: Pick<PartitionContext, 'bus' | 'partition' | 'partitions'> & {
    readonly alarms: Pick<Alarms, 'happened'>;
  },
  core: WorkerCore,
  { choice, sequence }: ReadMessage,
  next: Configuration,
  signal: AbortSignal,
): Promise<RebuiltState | null> {
  if (choice.kind !== 'rebuild') return Promise.resolve(null);
  const onGap = (from: number, to: number) =>
    alarms.happened(
      'rebuild-gap',
      `Partition ${partition}: log messages ${from} to ${to} were removed before configuration ${next.version} was rebuilt from ${choice.from}.`,
    );
  return rebuildState(bus, {
    partition,
    partitions,
    from: choice.from,
    until: sequence,
    before: core.config!,
    after: next.config,
    elapsedUs: core.pipeline!.elapsedUs,
    signal,
    onGap,
  });
}

/** Reads a stretch of the log twice: for its time, then through a pipeline of its own. */
export async function rebuildState(bus: Bus, options: RebuildOptions): Promise<RebuiltState> {
  const { partition, partitions, from, until, before, after, elapsedUs, signal } = options;
  const stretch = { subject: subjects.log(partition), from, until, signal };
  const clock = new RebuildClock();
  for await (const { nowUs, records } of readStretch(bus, stretch, () => undefined)) clock.take(nowUs, records);
  const rebuild = new Rebuild(after, { partition, partitions }, elapsedUs, clock.elapsedUs);
  const onGap = (gapFrom: number, gapTo: number) => {
    rebuild.removed(gapFrom, gapTo);
    options.onGap(gapFrom, gapTo);
  };
  for await (const message of readStretch(bus, stretch, onGap)) rebuild.take(message);
  return rebuild.result(before, after);
}
