import { streams } from '../../events/subjects.ts';
import { createCheckpoints } from '../../infra/bus/checkpoints.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { streamInfo } from '../../infra/bus/streams.ts';
import type { Config, ProcessingConfig } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import { connectInflux } from '../storage/influx-connection.ts';
import { InfluxStore } from '../storage/influx-store.ts';
import { seriesNames } from '../storage/series-names.ts';
import { keptBefore } from '../worker/kept-checkpoints.ts';
import { ReplayCounts, type ReplayFigures } from './replay-figures.ts';
import { replayPartition } from './replay-partition.ts';
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
 * Reads a stretch of the log at full speed through what the workers are made of, all partitions at once, and writes
 * what storage would have written. Nothing else is written: no alert, no webhook, no quarantine, no checkpoint.
 * @throws CHANGE_REFUSED without a checkpoint to start from
 */
export async function replayLog(options: ReplayOptions): Promise<ReplayFigures> {
  const { bus, config, into, influx, trial, onProgress, signal } = options;
  const { partitions } = config.log;
  const checkpoints = await createCheckpoints(bus);
  const until = options.until ?? (await streamInfo(bus, streams.log)).lastSequence + 1;
  const counts = new ReplayCounts(partitions);
  const beganMs = performance.now();
  const closing = new AbortController();
  const ending = AbortSignal.any([signal, closing.signal]);
  const connection = connectInflux({ org: config.influx.org, bucket: config.influx.bucket, ...influx });
  const store = into === 'influxdb' ? new InfluxStore(connection, ending, () => undefined) : null;
  const resultNames = seriesNames(config.topics);

  const one = async (partition: number) => {
    const kept = trial === null ? await keptBefore(checkpoints, partition, options.from) : null;
    if (options.from === 'checkpoint' && kept === null)
      throw new MillraceError(
        'CHANGE_REFUSED',
        `Partition ${partition} has no kept checkpoint yet: one is kept every hour. Use --from with a time, a position or beginning.`,
      );
    const from = options.from === 'checkpoint' ? kept!.position + 1 : options.from;
    const onStored = () => void counts.counts.stored++;
    const onRefused = () => void counts.counts.refused++;
    const writer = store === null ? null : new ReplayWriter({ store, resultNames, onStored, onRefused });
    const written = writer?.run(ending) ?? Promise.resolve();
    const read = replayPartition({
      ...options,
      partition,
      partitions,
      from,
      until,
      checkpoint: kept?.bytes ?? null,
      counts,
      writer,
      signal: ending,
    });
    // A writer runs until the end: it is waited for only as long as it may fail.
    await Promise.race([read, written.then(() => read)]);
  };

  const timer = setInterval(() => onProgress(counts.figures(performance.now() - beganMs)), progressEveryMs);
  try {
    await Promise.all(Array.from({ length: partitions }, (_, partition) => one(partition)));
  } finally {
    clearInterval(timer);
    closing.abort();
  }
  return counts.figures(performance.now() - beganMs);
}
