import { setTimeout as wait } from 'node:timers/promises';
import type { LogReport } from '../../events/health.ts';
import { streams } from '../../events/subjects.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { firstSince } from '../../infra/bus/first-since.ts';
import { lastMessage } from '../../infra/bus/stream-message.ts';
import { purgeBefore, streamInfo, subjectCounts, type StreamExtent } from '../../infra/bus/streams.ts';
import type { Log } from '../../infra/log.ts';
import type { Alarms } from '../alarms.ts';
import { FillForecast } from './fill-forecast.ts';
import { purgeTarget, unreadBytes, wishedFirst } from './trim-decision.ts';

const mebi = 2 ** 20;

/** Bytes to keep of each derived stream. */
export const derivedBounds: Readonly<Record<string, number>> = {
  [streams.windows]: 1024 * mebi,
  [streams.alerts]: 256 * mebi,
  [streams.quarantine]: 256 * mebi,
  [streams.deliveries]: 64 * mebi,
  [streams.derived]: 1024 * mebi,
};

const roundEveryMs = 5_000;
/** The alarm comes this long before the log is full. */
const alarmBeforeMs = 3_600_000;

export interface TrimmerOptions {
  readonly bus: Bus;
  readonly log: Log;
  readonly alarms: Alarms;
  readonly keepBytes: number;
  readonly keepAgeMs: number;
  /** Saved positions of the readers of a stream, or of one of its subjects: what a crash would go back to. */
  readonly positions: (stream: string, subject: string | null) => readonly number[];
  /** Messages of the log from which on all is needed beside that: where rebuilds begin that are still to be done. */
  readonly holds?: () => Promise<readonly number[]>;
  /** Overrides `derivedBounds`, for tests. */
  readonly bounds?: Readonly<Record<string, number>>;
  readonly everyMs?: number;
}

export interface Trimmer {
  /** The log as it was at the last round, null before the first. */
  readonly logReport: LogReport | null;
  readonly done: Promise<void>;
}

/**
 * Keeps the streams to their bounds, oldest first, until the signal. The log as a whole as far as all its readers are,
 * which is cheap; then, as the other streams, by subject.
 */
export function startTrimmer(options: TrimmerOptions, signal: AbortSignal): Trimmer {
  const { bus, log, alarms } = options;
  const forecast = new FillForecast();
  let logReport: LogReport | null = null;

  const trimLog = async () => {
    const holds = (await options.holds?.()) ?? [];
    const extent = await streamInfo(bus, streams.log, signal);
    const positions = [...options.positions(streams.log, null), ...holds];
    logReport = describeLog(extent, positions, forecast);
    sayWhenFull(alarms, logReport);
    const cutoffUs = (Date.now() - options.keepAgeMs) * 1000;
    const aged = extent.messages > 0 && extent.firstTimeUs < cutoffUs;
    const keepFrom = aged ? await firstSince(bus, streams.log, extent, cutoffUs, signal) : 1;
    const wished = wishedFirst(extent, { keepBytes: options.keepBytes, keepFrom });
    const target = purgeTarget(wished, positions, extent.firstSequence, extent.lastSequence);
    if (target !== null) {
      const messages = await purgeBefore(bus, streams.log, target);
      log.info({ messages, before: target, bytes: extent.bytes }, 'the log was trimmed');
    }
    // A partition that rests keeps its readers where they are, and would keep the whole log with them.
    if (wished > (target ?? extent.firstSequence)) await trimSubjects(streams.log, Math.min(wished, ...holds));
  };

  const trimDerived = async (stream: string, keepBytes: number) => {
    const extent = await streamInfo(bus, stream, signal);
    const wished = wishedFirst(extent, { keepBytes, keepFrom: 1 });
    if (wished > extent.firstSequence) await trimSubjects(stream, wished);
  };

  const trimSubjects = async (stream: string, wished: number) => {
    for (const [subject, count] of await subjectCounts(bus, stream)) {
      if (count < 2) continue;
      const last = await lastMessage(bus, stream, subject, signal);
      if (last === null) continue;
      const target = purgeTarget(wished, options.positions(stream, subject), 1, last.sequence);
      if (target === null) continue;
      const messages = await purgeBefore(bus, stream, target, subject);
      if (messages > 0) log.info({ stream, subject, messages, before: target }, 'a stream was trimmed');
    }
  };

  const round = async () => {
    await trimLog();
    for (const [stream, keepBytes] of Object.entries(options.bounds ?? derivedBounds))
      await trimDerived(stream, keepBytes);
  };

  const run = async () => {
    while (!signal.aborted) {
      try {
        await round();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'trimming failed and is tried again');
      }
      await wait(options.everyMs ?? roundEveryMs, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    get logReport() {
      return logReport;
    },
    done: run(),
  };
}

function describeLog(extent: StreamExtent, positions: readonly number[], forecast: FillForecast): LogReport {
  const { bytes, maxBytes, messages, firstSequence, lastSequence } = extent;
  return {
    bytes,
    maxBytes,
    messages,
    keptMs: messages === 0 ? 0 : Math.max(0, Math.round(Date.now() - extent.firstTimeUs / 1000)),
    firstSequence,
    lastSequence,
    fullInMs: forecast.add(performance.now(), unreadBytes(extent, positions), maxBytes),
  };
}

function sayWhenFull(alarms: Alarms, { fullInMs }: LogReport): void {
  const near = fullInMs !== null && fullInMs < alarmBeforeMs;
  const minutes = Math.max(1, Math.round((fullInMs ?? 0) / 60_000));
  alarms.set(
    'log-full',
    near ? `The log is full in about ${minutes} min at the present rate: its readers do not keep up.` : null,
  );
}
