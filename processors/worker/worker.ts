import { setTimeout as wait } from 'node:timers/promises';
import type { LogGap } from '../../events/ledger.ts';
import type { PositionReport, WorkerReport } from '../../events/health.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Log } from '../../infra/log.ts';
import type { Pipeline } from '../pipeline.ts';
import { goodRunMs, isFinal } from '../restart-on-failure.ts';
import { workerReader } from '../trimmer/position-book.ts';
import { runPartition, type PartitionContext } from './partition-run.ts';

const restartDelayMs = 500;
const restartDelayMaxMs = 30_000;

export interface PartitionWorker {
  readonly partition: number;
  /** Of the checkpoint that a crash would go back to; 0 without one. The log is kept from there on. */
  readonly position: PositionReport;
  report(): WorkerReport;
  /** Resolves when it has stopped for good: by the signal, or by a failure that its report names. */
  readonly done: Promise<void>;
}

/**
 * Runs a partition's worker until the signal.
 *
 *     running --failure--> waiting --delay--> running (from its checkpoint)
 *     running --final failure, such as LOG_FORMAT--> stopped
 */
export function startWorker(
  context: Omit<PartitionContext, 'onMessage' | 'onRestored' | 'onSaved' | 'log'>,
  log: Log,
  signal: AbortSignal,
): PartitionWorker {
  const { partition, alarms } = context;
  let savedPosition = 0;
  let position = 0;
  let pending = 0;
  let lastTimeUs = 0;
  let devices = 0;
  let received = 0;
  let late = 0;
  let forgotten = 0;
  let transforms: WorkerReport['transforms'] = {};
  let gaps: readonly LogGap[] = [];
  let stopped = '';
  /** Where the last run failed: it has recovered when a message after it went through. */
  let failedAt = 0;
  const alarmCode = `worker-${partition}`;

  const look = (nowUs: number, pipeline: Pipeline) => {
    const { devices: known, totals } = pipeline;
    lastTimeUs = nowUs;
    devices = known.count;
    ({ received, late, forgotten, transforms } = totals);
    if (totals.gaps > 0) gaps = pipeline.gaps();
  };
  const observed: PartitionContext = {
    ...context,
    log,
    onRestored: (nowUs, pipeline) => look(nowUs, pipeline),
    onMessage: (message, pipeline) => {
      position = message.sequence;
      pending = message.pending;
      look(message.timeUs, pipeline);
      if (stopped === '' || position <= failedAt) return;
      stopped = '';
      alarms.set(alarmCode, null);
    },
    onSaved: (saved) => {
      savedPosition = saved;
      position = Math.max(position, saved);
    },
  };

  const run = async () => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const beganMs = performance.now();
      try {
        await runPartition(observed, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        failedAt = position;
        stopped = error instanceof Error ? error.message : String(error);
        alarms.set(alarmCode, `The worker of partition ${partition} stopped: ${stopped}`);
        log.error({ err: error, partition }, 'a worker stopped');
        if (isFinal(error)) return;
      }
      if (performance.now() - beganMs > goodRunMs) attempt = 0;
      const delayMs = Math.min(restartDelayMs * 2 ** attempt, restartDelayMaxMs);
      await wait(delayMs, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    partition,
    get position() {
      const subject = subjects.log(partition);
      return { reader: workerReader(partition), stream: streams.log, subject, position: savedPosition };
    },
    report: () => ({
      partition,
      position,
      lagMs: pending === 0 ? 0 : Math.max(0, Math.round(Date.now() - lastTimeUs / 1000)),
      pending,
      nowUs: lastTimeUs,
      devices,
      received,
      late,
      forgotten,
      transforms,
      gaps,
      stopped,
    }),
    done: run(),
  };
}
