import { streams, subjects } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readRange } from '../../infra/bus/read-range.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Alarms } from '../alarms.ts';
import { Rebuild, RebuildClock } from '../change/rebuild.ts';
import type { RebuiltState } from '../change/state-change.ts';
import type { Columns } from '../snapshot/columns.ts';
import { lookAtBatch } from './log-batch.ts';
import type { PartitionContext } from './partition-run.ts';
import { Producers } from './producers.ts';
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
  /** What is known of devices' lives from before the stretch. */
  readonly lives: Columns;
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
    lives: core.pipeline!.lives.before(choice.from),
    signal,
    onGap,
  });
}

/** Reads a stretch of the log twice: for its time, then through a pipeline of its own. */
export async function rebuildState(bus: Bus, options: RebuildOptions): Promise<RebuiltState> {
  const { partition, partitions, from, until, before, after, elapsedUs, lives, signal } = options;
  const stretch = (onGap: (from: number, to: number) => void) =>
    readRange(bus, { stream: streams.log, subject: subjects.log(partition), from, until, signal, onGap });
  const clock = new RebuildClock();
  const timed = new Producers();
  for await (const message of stretch(() => undefined)) {
    const { records, repeated, producer, producerSequence } = lookAtBatch(message, timed);
    if (repeated) continue;
    timed.note(producer, producerSequence);
    clock.take(message.timeUs, records);
  }
  const rebuild = new Rebuild(after, { partition, partitions }, elapsedUs, clock.elapsedUs, lives);
  const producers = new Producers();
  let nowUs = 0;
  const onGap = (gapFrom: number, gapTo: number) => {
    rebuild.gap(gapFrom, gapTo, nowUs);
    options.onGap(gapFrom, gapTo);
  };
  for await (const message of stretch(onGap)) {
    const { records, repeated, producer, producerSequence } = lookAtBatch(message, producers);
    nowUs = message.timeUs;
    if (repeated) continue;
    producers.note(producer, producerSequence);
    rebuild.take({ partition, sequence: message.sequence, nowUs, records });
  }
  return rebuild.result(before, after);
}
