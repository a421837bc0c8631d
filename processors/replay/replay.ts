import { streams } from '../../events/subjects.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import { enrichedTags } from '../../infra/config/enriched-tags.ts';
import type { Config, ProcessingConfig } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import { connectInflux } from '../storage/influx-connection.ts';
import { InfluxStore } from '../storage/influx-store.ts';
import { seriesNames } from '../storage/series-names.ts';
import { knownLives } from '../life/known-lives.ts';
import { keptBefore } from '../worker/kept-checkpoints.ts';
import { ReplayCounts, type ReplayFigures } from './replay-figures.ts';
import { fleetReader, replayNeedsFleet } from './fleet-reader.ts';
import { partitionReader } from './partition-reader.ts';
import { knownErasures } from './known-erasures.ts';
import { ReplayLane } from './replay-lane.ts';
import { ReplayWriter } from './replay-writer.ts';

export interface ReplayOptions {
  readonly bus: Bus;
  readonly config: Config;
  readonly influx: { readonly url: string; readonly token?: string };
  readonly into: 'influxdb' | 'nothing';
  /** Sequence of the first message; `checkpoint`: after each partition's latest kept one. */
  readonly from: number | 'checkpoint';
  /** Sequence of the first message that is not read; null: the log's end as it is now. */
  readonly until: number | null;
  /** A configuration to try instead of those that were in force. */
  readonly trial: ProcessingConfig | null;
  readonly signal: AbortSignal;
  readonly onProgress: (figures: ReplayFigures) => void;
  /** Something worth a line. */
  readonly onNote: (text: string) => void;
}

const progressEveryMs = 250;

/**
 * Reads a stretch of the log at full speed through what the workers are made of, all partitions at once and beside them
 * what spans devices, and writes what storage would have written. Nothing else is written: no alert, no webhook, no
 * quarantine, no checkpoint.
 * @throws CHANGE_REFUSED without a checkpoint to start from
 */
export async function replayLog(options: ReplayOptions): Promise<ReplayFigures> {
  const { bus, config, into, influx, trial, onProgress, signal } = options;
  const { firstSequence, lastSequence } = await streamInfo(bus, streams.log, signal);
  const until = options.until ?? lastSequence + 1;
  const starts = await startsOf(options);
  const counts = new ReplayCounts(starts.length);
  const beganMs = performance.now();
  const closing = new AbortController();
  const ending = AbortSignal.any([signal, closing.signal]);
  const connection = connectInflux({ org: config.influx.org, bucket: config.influx.bucket, ...influx });
  const store = into === 'influxdb' ? new InfluxStore(connection, ending, () => undefined) : null;
  const resultNames = seriesNames(config.topics, enrichedTags(config.transforms));

  const erasures = store === null ? new Map<string, number>() : await knownErasures(bus, config.log.partitions, signal);
  const isErased = (key: string, sequence: number) => sequence <= (erasures.get(key) ?? 0);

  const one = async ({ name, from, kept }: Start, lane: number) => {
    const onStored = () => void counts.counts.stored++;
    const onRefused = () => void counts.counts.refused++;
    const writer = store === null ? null : new ReplayWriter({ store, resultNames, isErased, onStored, onRefused });
    const written = writer?.run(ending) ?? Promise.resolve();
    const { partitions } = config.log;
    // Without a checkpoint as much of the past as there is; on trial it is none of the other configuration.
    const begin = kept !== null ? kept.position + 1 : trial === null ? firstSequence : from;
    const lives = kept === null ? await knownLives(await createCheckpoints(bus), partitions, begin) : new Map();
    const of = { ...options, partitions, checkpoint: kept?.bytes ?? null, lives, signal: ending };
    const reader = await (name === 'fleet' ? fleetReader(of) : partitionReader(name, of));
    const read = new ReplayLane({ ...of, reader, lane, begin, from, until, counts, writer }).run();
    // A writer runs until the end: it is waited for only as long as it may fail.
    await Promise.race([read, written.then(() => read)]);
  };

  const timer = setInterval(() => onProgress(counts.figures(performance.now() - beganMs)), progressEveryMs);
  try {
    await Promise.all(starts.map(one));
  } finally {
    clearInterval(timer);
    closing.abort();
  }
  return counts.figures(performance.now() - beganMs);
}

/** Where a lane begins to count, and the state it begins with. */
interface Start {
  readonly name: number | 'fleet';
  readonly from: number;
  readonly kept: { readonly position: number; readonly bytes: Uint8Array } | null;
}

async function startsOf({ bus, config, from, trial }: ReplayOptions): Promise<Start[]> {
  const checkpoints = await createCheckpoints(bus);
  const starts: Start[] = [];
  for (let partition = 0; partition < config.log.partitions; partition++) {
    const kept = trial === null ? await keptBefore(checkpoints, partition, from) : null;
    if (from === 'checkpoint' && kept === null)
      throw new MillraceError(
        'CHANGE_REFUSED',
        `Partition ${partition} has no kept checkpoint yet: one is kept every hour. Use --from with a time, a position or beginning.`,
      );
    starts.push({ name: partition, from: from === 'checkpoint' ? kept!.position + 1 : from, kept });
  }
  const earliest = Math.min(...starts.map((start) => start.from));
  if (await replayNeedsFleet(bus, earliest, trial)) {
    const kept = trial === null ? await keptBefore(checkpoints, 'fleet', earliest) : null;
    starts.push({ name: 'fleet', from: earliest, kept });
  }
  return starts;
}
