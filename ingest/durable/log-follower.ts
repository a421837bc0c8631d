import type { PublishPacket } from 'aedes';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { decodeRecords } from '../../events/record-codec.ts';
import { logHeaders, streams } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { Log } from '../../infra/log.ts';

const retryMs = 1_000;
/** Messages that are there already are taken without a pause; this process's own clients get their turn so often. */
const turnMaxMs = 5;

export interface FollowerOptions {
  readonly bus: Bus;
  readonly log: Log;
  /** Of this process: its own batches are passed over. */
  readonly producer: string;
  /** Sequence of the last message that the broker knows. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Gives a publish of another process to this one's subscribers, sessions and retained messages. */
  route(packet: PublishPacket, sequence: number): void;
  /** Everything up to here was routed. */
  onPosition(sequence: number): void;
}

/** Follows what the other ingest processes write into the log. Ends with the signal. */
export async function followOthers(options: FollowerOptions): Promise<void> {
  const { bus, log, producer, signal, route, onPosition } = options;
  let after = options.after;
  let turnBeganMs = performance.now();
  const onGap = (from: number, to: number) =>
    log.warn({ from, to }, 'the log was trimmed before publishes of other ingest processes were read');
  while (!signal.aborted) {
    try {
      for await (const message of readStream(bus, { stream: streams.log, subject: 'log.*', after, signal, onGap })) {
        if (message.header(logHeaders.producer) !== producer)
          for (const record of decodeRecords(message.data))
            // A redriven record was routed when it came.
            if (record.kind === 'publish' && record.redriven === undefined) {
              const { topic, payload, qos, retain } = record;
              // A copy: the payload is a view into the whole batch, and queues may keep it.
              const own = Buffer.from(payload);
              route({ cmd: 'publish', topic, payload: own, qos, retain, dup: false }, message.sequence);
            }
        after = message.sequence;
        onPosition(after);
        if (performance.now() - turnBeganMs < turnMaxMs) continue;
        await nextTurn();
        turnBeganMs = performance.now();
      }
    } catch (err) {
      if (signal.aborted) return;
      log.error({ err }, 'what other ingest processes write cannot be followed; trying again');
      await wait(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
