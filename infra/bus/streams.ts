import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig, type StreamInfo } from 'nats';
import { brokerObjects, buckets, checkpointObjects, streams, subjects } from '../../events/subjects.ts';
import { MillraceError } from '../errors.ts';
import type { Bus } from './connection.ts';
import { apiErrorOf, apiErrors } from './jetstream-errors.ts';
import { ensureBucket } from './bucket-stream.ts';
import { ensureObjects } from './checkpoint-objects.ts';
import { untilAnswered } from './retry.ts';
import { microseconds } from './server-time.ts';

export interface StreamsOptions {
  readonly partitions: number;
  /** Hard stop of LOG, bytes. */
  readonly maxBytes: number;
  readonly replicas: number;
  /** How long JetStream remembers message ids; its own default is 2 minutes. */
  readonly dedupeWindowMs?: number;
}

/** A stream's extent. Times are microseconds; sequences of an empty stream: first = last + 1. */
export interface StreamExtent {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly bytes: number;
  /** -1: no limit of its own. */
  readonly maxBytes: number;
  readonly messages: number;
  readonly firstTimeUs: number;
  readonly lastTimeUs: number;
}

/**
 * Creates the streams, buckets and the object store that are missing, and brings LOG's size limit up to date.
 * The number of partitions is what LOG's subjects say: `log.0`, `log.1`, ...
 * The derived streams have no limit at the server, which would reserve it on small disks: the trimmer keeps them to
 * their bounds, and as it never passes a reader's position, they grow at most as far as LOG's hard stop lets them.
 * @throws PARTITIONS_FIXED when LOG exists with another number of partitions.
 */
export async function ensureStreams(bus: Bus, options: StreamsOptions): Promise<void> {
  const log = Array.from({ length: options.partitions }, (_, partition) => subjects.log(partition));
  const duplicateWindow = (options.dedupeWindowMs ?? 120_000) * 1e6;
  await ensureStream(bus, streams.log, {
    subjects: log,
    max_bytes: options.maxBytes,
    num_replicas: options.replicas,
    duplicate_window: duplicateWindow,
  });
  for (const [name, subject] of [
    [streams.windows, 'windows.>'],
    [streams.alerts, 'alerts.>'],
    [streams.quarantine, 'quarantine.>'],
    [streams.deliveries, 'deliveries.>'],
    [streams.derived, 'derived.>'],
  ] as const)
    await ensureStream(bus, name, { subjects: [subject], max_bytes: -1, num_replicas: options.replicas });
  await ensureStream(bus, streams.audit, {
    subjects: ['audit.>'],
    max_bytes: auditBytesMax,
    // So that refusals never push out what people did: those of one subject go first at its own bound.
    max_msgs_per_subject: auditEntriesMax,
    max_msg_size: auditEntryBytesMax,
    discard: DiscardPolicy.Old,
    deny_delete: true,
    deny_purge: true,
    num_replicas: options.replicas,
  });
  for (const name of Object.values(buckets)) await ensureBucket(bus, name, options.replicas);
  for (const store of [checkpointObjects, brokerObjects]) await ensureObjects(bus, store, options.replicas);
}

const auditBytesMax = 64 * 2 ** 20;
const auditEntriesMax = 10_000;
const auditEntryBytesMax = 8 * 1024;

async function ensureStream(bus: Bus, name: string, wanted: Partial<StreamConfig>): Promise<void> {
  const present = await findStream(bus, name);
  if (present === null) {
    await untilAnswered(bus, `Stream ${name} cannot be created`, () =>
      bus.manager.streams
        .add({
          discard: DiscardPolicy.New,
          ...wanted,
          name,
          storage: StorageType.File,
          retention: RetentionPolicy.Limits,
          max_age: 0,
        })
        .catch((error: unknown) => {
          // A repeat of a request whose answer was lost, or another process was faster: it exists.
          if (apiErrorOf(error) !== apiErrors.streamNameInUse) throw error;
        }),
    );
    return;
  }
  if (name === streams.log) refuseOtherPartitions(present, wanted.subjects!);
  const same =
    present.config.max_bytes === wanted.max_bytes &&
    present.config.num_replicas === wanted.num_replicas &&
    (wanted.duplicate_window === undefined || present.config.duplicate_window === wanted.duplicate_window);
  if (same) return;
  await untilAnswered(bus, `Stream ${name} cannot be changed`, () =>
    bus.manager.streams.update(name, { ...present.config, ...wanted }),
  );
}

function refuseOtherPartitions(present: StreamInfo, wanted: readonly string[]): void {
  const held = present.config.subjects.length;
  if (held === wanted.length && wanted.every((subject) => present.config.subjects.includes(subject))) return;
  throw new MillraceError(
    'PARTITIONS_FIXED',
    `log.partitions is ${wanted.length}, but the log was created with ${held}. Set log.partitions: ${held}, or use another data directory.`,
  );
}

function findStream(bus: Bus, name: string): Promise<StreamInfo | null> {
  return untilAnswered(bus, `Stream ${name} cannot be looked up`, () =>
    bus.manager.streams.info(name).catch((error: unknown) => {
      if (apiErrorOf(error) === apiErrors.streamNotFound) return null;
      throw error;
    }),
  );
}

/** @throws LOG_UNAVAILABLE when the stream does not exist. */
export async function streamInfo(bus: Bus, stream: string, signal?: AbortSignal): Promise<StreamExtent> {
  const { state, config } = await untilAnswered(
    bus,
    `Stream ${stream} cannot be looked up`,
    () => bus.manager.streams.info(stream),
    signal,
  );
  return {
    firstSequence: state.messages === 0 ? state.last_seq + 1 : state.first_seq,
    lastSequence: state.last_seq,
    bytes: state.bytes,
    maxBytes: config.max_bytes,
    messages: state.messages,
    firstTimeUs: microseconds(state.first_ts),
    lastTimeUs: microseconds(state.last_ts),
  };
}

/** How many messages each subject of a stream holds. */
export async function subjectCounts(bus: Bus, stream: string): Promise<ReadonlyMap<string, number>> {
  const { state } = await untilAnswered(bus, `Stream ${stream} cannot be looked up`, () =>
    bus.manager.streams.info(stream, { subjects_filter: '>' }),
  );
  return new Map(Object.entries(state.subjects ?? {}));
}

/** Removes the messages before `sequence`, of one subject or of all. @returns how many. */
export async function purgeBefore(bus: Bus, stream: string, sequence: number, subject?: string): Promise<number> {
  // Sequence 0 would purge everything: JetStream takes it for "not given".
  if (sequence <= 1) return 0;
  const { purged } = await untilAnswered(bus, `Stream ${stream} cannot be trimmed`, () =>
    bus.manager.streams.purge(stream, { seq: sequence, ...(subject === undefined ? {} : { filter: subject }) }),
  );
  return purged;
}
